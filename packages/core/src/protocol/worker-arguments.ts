import type { StandIn } from "../backend.ts";
import type { StoreReference } from "../store.ts";

/** What a worker is started with. Its slot comes from the backend: `--slot=<j>` or the variable `SKYBURST_SLOT`. */
export interface WorkerArguments {
  readonly session: string;
  readonly store: StoreReference;
  /** Hash of the worker program, which the worker checks against its own file. */
  readonly program: string;
  readonly launch: number;
  /** Planned workers of the fleet. */
  readonly workers: number;
  /** The ledger entry to begin at: the newest that is known, or the next one, which is about to be there. */
  readonly rev: number;
  /** Store time when that was the newest, in milliseconds; undefined: nobody knows, and the worker looks for newer ones at once. */
  readonly at?: number | undefined;
  /** Tasks that run at a time; undefined: as many as the worker has processors. */
  readonly slots?: number | undefined;
  /** Bytes that it was asked for with; undefined: nobody has set a limit. */
  readonly memory?: number | undefined;
  /** What the first tasks are, when that is known: threads for functions take longer to start than all that comes before. */
  readonly warm?: "function" | "command" | undefined;
  /** Names of what the worker was given for its tasks and nobody else is to see; it has the values by its environment. */
  readonly secrets?: readonly string[] | undefined;
  /** What it may start when nobody supervises; undefined: nothing. */
  readonly standIn?: StandIn | undefined;
}

/** What a worker prints once it has opened its store, where the variable `SKYBURST_READY` is `1`. */
export const readyLine = "skyburst: the worker has opened its store";

export function workerArguments(values: WorkerArguments): string[] {
  const { store, standIn, ...rest } = values;
  const texts = Object.entries(rest).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${String(value)}`],
  );
  const deputy = standIn === undefined ? [] : [`--standin=${JSON.stringify(standIn)}`];
  return [...texts, `--store=${JSON.stringify(store)}`, ...deputy];
}

/** @throws {TypeError} when one is missing or is not what it should be. */
export function parseWorkerArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): WorkerArguments & { readonly slot: number } {
  const given = new Map(argv.flatMap((text) => pairOf(text)));
  const text = (name: string) => {
    const value = given.get(name);
    if (value === undefined) throw new TypeError(`A worker is started with --${name}=…, and this one was not.`);
    return value;
  };
  const number = (name: string, value = text(name)) => {
    if (!/^\d+$/.test(value)) throw new TypeError(`A worker's --${name} is ${JSON.stringify(value)}, not a number.`);
    return Number(value);
  };
  const warm = given.get("warm");
  return {
    session: text("session"),
    store: JSON.parse(text("store")) as StoreReference,
    program: text("program"),
    launch: number("launch"),
    workers: Math.max(1, number("workers")),
    rev: number("rev"),
    at: given.has("at") ? number("at") : undefined,
    slots: given.has("slots") ? number("slots") : undefined,
    ...(given.has("secrets") ? { secrets: text("secrets").split(",") } : {}),
    standIn: given.has("standin") ? (JSON.parse(text("standin")) as StandIn) : undefined,
    memory: given.has("memory") ? number("memory") : undefined,
    warm: warm === "function" || warm === "command" ? warm : undefined,
    slot: number("slot", given.get("slot") ?? env.SKYBURST_SLOT),
  };
}

function pairOf(text: string): [string, string][] {
  const pair = /^--([a-z]+)=(.*)$/s.exec(text);
  return pair?.[1] !== undefined && pair[2] !== undefined ? [[pair[1], pair[2]]] : [];
}
