/** Numbers in [0, 1) that look like chance, the same for the same seed: mulberry32. */
export function chance(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** As many of them as there are, each with the same chance every time: what another sample might have been. */
export function resampled(sample: readonly number[], random: () => number): readonly number[] {
  return sample.map(() => sample[Math.floor(random() * sample.length)] ?? 0);
}

/** Beyond so many, a sum is as good as normal. */
const few = 8;

/** Sums of so many values that are drawn from a sample. */
export function sumsOf(sample: readonly number[], random: () => number): (count: number) => number {
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
  const deviation = Math.sqrt(sample.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sample.length);
  const least = Math.min(...sample);
  return (count) => {
    if (count > few) return Math.max(count * least, count * mean + Math.sqrt(count) * deviation * normal(random));
    let sum = 0;
    for (let n = 0; n < count; n++) sum += sample[Math.floor(random() * sample.length)] ?? 0;
    return sum;
  };
}

/** Box and Muller's. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
