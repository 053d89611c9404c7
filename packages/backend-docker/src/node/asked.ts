import type { Engine } from "../engine.ts";
import type { Settings } from "../options.ts";
import type { PullOptions } from "../pull.ts";
import type { Machine } from "./machine.ts";

/** For whom Node.js is looked for, and where. */
export interface Asked {
  readonly engine: Engine;
  readonly machine: Machine;
  readonly settings: Settings;
  readonly options: Pick<PullOptions, "progress" | "signal">;
}
