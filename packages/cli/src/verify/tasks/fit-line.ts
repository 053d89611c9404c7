import { begin } from "./begin.ts";
import { speeds, stoppingDistances } from "./stopping-distances.ts";

export interface Fitted {
  readonly intercept: number;
  readonly slope: number;
  /** Mean of the squared errors. */
  readonly loss: number;
}

/** Fits a line to a table by gradient descent, and prints how the loss falls. */
export async function fitLine({ epochs }: { readonly epochs: number }): Promise<Fitted> {
  await begin(`begins with ${speeds.length} rows`);
  const count = speeds.length;
  const mean = speeds.reduce((sum, x) => sum + x, 0) / count;
  const spread = Math.sqrt(speeds.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count);
  // Scaled to a mean of zero and a spread of one, both weights are learnt at the same pace.
  const rows = speeds.map((x, n) => ({ x: (x - mean) / spread, y: stoppingDistances[n] ?? 0 }));
  let [bias, weight, loss] = [0, 0, 0];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const errors = rows.map(({ x, y }) => ({ x, error: bias + weight * x - y }));
    loss = errors.reduce((sum, { error }) => sum + error ** 2, 0) / count;
    bias -= (rate * errors.reduce((sum, { error }) => sum + error, 0)) / count;
    weight -= (rate * errors.reduce((sum, { x, error }) => sum + error * x, 0)) / count;
    if (epoch % (epochs / 10) === 0) console.log(`epoch ${epoch}: loss ${loss.toFixed(3)}`);
  }
  const slope = weight / spread;
  return { intercept: bias - slope * mean, slope, loss };
}

const rate = 0.1;
