import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface Options {
  /** Tiny sizes, once: shows that everything runs and that the results are right, and measures nothing. */
  readonly quick: boolean;
  /** Names of figures; empty: all. */
  readonly only: readonly string[];
  readonly repeat: number;
  /** Where the numbers go as JSON. */
  readonly json: string | undefined;
  /** The built `skyburst` command that is measured; undefined: this repository's. */
  readonly skyburst: string | undefined;
  /** Leave the directories of the runs. */
  readonly keep: boolean;
  readonly help: boolean;
}

export const usage = `pnpm bench [options]

  --only NAME       this figure only; may be given several times
  --repeat N        measure each figure N times (default 5)
  --quick           tiny sizes, once: shows that all runs and that the results are right
  --json FILE       where the numbers go (default bench/results/<time>.json)
  --skyburst FILE   measure this build of the command instead of the repository's
  --keep            leave the directories of the runs in bench/results`;

/** @throws {Error} for an option that does not exist or a value that cannot be. */
export function parseOptions(args: readonly string[], directory: string): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      repeat: { type: "string" },
      json: { type: "string" },
      skyburst: { type: "string" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { quick, only, json, skyburst, keep, help } = values;
  const file = (path: string | undefined) => (path === undefined ? undefined : resolve(directory, path));
  return {
    quick,
    only,
    keep,
    help,
    json: file(json),
    skyburst: file(skyburst),
    repeat: count(values.repeat) ?? (quick ? 1 : 5),
  };
}

function count(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new Error(`--repeat ${text}: give a whole number of at least 1.`);
}
