import type { Backend, WorkerSpec } from "../backend.ts";
import { SkyburstError } from "../errors.ts";
import type { MemoryGrowth } from "../protocol/budgets.ts";

/** @throws {SkyburstError} `option` when workers of this backend can't have more memory, or nobody says what they have. */
export function checkMemoryOnOom(
  factor: number | undefined,
  { name, capabilities }: Pick<Backend, "name" | "capabilities">,
  spec: WorkerSpec = {},
): void {
  if (factor === undefined) return;
  const said = `memoryOnOom is ${factor}`;
  if (!(Number.isFinite(factor) && factor > 1 && factor <= mostFactor))
    throw new SkyburstError("option", `${said}; it has to be a number above 1, and of at most ${mostFactor}, as 2.`);
  if (!capabilities.spec.includes("memory"))
    throw new SkyburstError(
      "option",
      `${said}, and workers of the ${name} backend can't be given memory: leave it out, or use a backend that takes \`memory\`.`,
    );
  if ((spec.memory ?? capabilities.memory) === undefined)
    throw new SkyburstError(
      "option",
      `${said}, and nothing says what a worker has: give \`memory\` in the spec, or to the ${name} backend.`,
    );
}

const mostFactor = 100;

/** With the most that a worker of this backend can have, where it tells that. */
export async function limitedBy(growth: MemoryGrowth, backend: Pick<Backend, "largest">): Promise<MemoryGrowth> {
  const { memory: most } = (await backend.largest?.()) ?? {};
  return most === undefined ? growth : { ...growth, most };
}
