import type { Early } from "./early.ts";
import { endWith } from "./end-with.ts";

/**
 * `skyburst run -- COMMAND` without options, in a file of its own: there is nothing to parse, and what other commands are made of
 * would take longer to load than a short command takes.
 */
export function main(command: readonly string[], early: Early): Promise<never> {
  return endWith(async () => (await import("./commands/run.ts")).run(command, { early }));
}
