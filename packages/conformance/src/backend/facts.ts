import type { Backend, LaunchProgram, WorkerSpec } from "@skyburst/core";
import { withDefaults } from "../with-defaults.ts";
import { publishHere } from "./publish.ts";

/** What a backend may have beyond its required members. */
export type BackendRole = "watch" | "capacity" | "largest" | "rate" | "sessions" | "logs" | "teardown" | "close";

export const ROLES: readonly BackendRole[] = [
  "watch",
  "capacity",
  "largest",
  "rate",
  "sessions",
  "logs",
  "teardown",
  "close",
];

/** In what backends may differ, and what the suite can't know by itself. */
export interface BackendFacts {
  /** Members that are there beyond the required ones. It is tested that there are no others. Default: none. */
  readonly roles?: readonly BackendRole[] | undefined;
  /** Puts a program where workers can fetch it. Default: a file of this machine. */
  readonly publish?: ((source: string) => Promise<LaunchProgram>) | undefined;
  /** A backend on the same provider that runs at most so many workers at a time. Without it no limit is reached. */
  readonly limited?: ((maxWorkers: number) => Backend | Promise<Backend>) | undefined;
  /** What every worker is launched with, such as an image. Default: nothing. */
  readonly spec?: WorkerSpec | undefined;
  /** Values that can be had here of fields that `capabilities.spec` names: each is tried by itself. Default: common ones. */
  readonly examples?: WorkerSpec | undefined;
  /** Fields that `capabilities.spec` names and of which nothing can be had here, as GPUs: it is tested that they are refused by name. */
  readonly lacks?: readonly (keyof WorkerSpec)[] | undefined;
  /** The backend compares the program's bytes with `program.sha256`; else what it starts does. Default `false`. */
  readonly verifiesProgram?: boolean | undefined;
  /** Who can tell how a worker ended: anyone who lists, or only the object that launched it. Default `"anyone"`. */
  readonly exitReports?: "anyone" | "launcher" | undefined;
  /** Exit codes are told; else it is tested that none are. Default `true`. */
  readonly exitCodes?: boolean | undefined;
  /** Signals that end a worker are told by their names; else it is tested that none are. Default `false`. */
  readonly signals?: boolean | undefined;
  /** Longest wait for a worker to begin or to end, in milliseconds. Default 60,000. */
  readonly patience?: number | undefined;
}

/** With every default in place. */
export type KnownBackendFacts = {
  readonly [K in Exclude<keyof BackendFacts, "limited">]-?: Exclude<BackendFacts[K], undefined>;
} & Pick<BackendFacts, "limited">;

/** @throws {ConformanceError} `option`: there is no such fact. */
export function knownBackend(facts: BackendFacts): KnownBackendFacts {
  return withDefaults<KnownBackendFacts>(facts, {
    roles: [],
    publish: publishHere,
    limited: undefined,
    spec: {},
    examples: {},
    lacks: [],
    verifiesProgram: false,
    exitReports: "anyone",
    exitCodes: true,
    signals: false,
    patience: 60_000,
  });
}
