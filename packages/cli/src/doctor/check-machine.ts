import { check } from "./check.ts";
import type { Check } from "./check.ts";

const least = [20, 19] as const;

/** @param version As `process.version` tells it. */
export async function* checkMachine(version: string): AsyncGenerator<Check> {
  yield await check("machine", "Node", () => {
    const [major = 0, minor = 0] = version.slice(1).split(".").map(Number);
    if (major > least[0] || (major === least[0] && minor >= least[1])) return version;
    throw new Error(`this is Node ${version}: install ${least.join(".")} or newer.`);
  });
}
