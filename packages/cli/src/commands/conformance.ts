import type { Registrar, Row } from "@skyburst/conformance";
import { CliError } from "../errors.ts";
import { interruption } from "../interrupt.ts";
import { loadModule } from "../load-module.ts";
import { table } from "../output/table.ts";
import { writeTo } from "../output/stream-output.ts";

export interface ConformanceFlags {
  readonly timeout?: number;
  readonly json?: boolean;
}

/** Runs the suite for what a module exports. Ctrl-C ends it after the test that runs, which leaves no worker behind. */
export async function conformance(path: string, { timeout, json }: ConformanceFlags): Promise<number> {
  const suite = await suiteOf(path);
  const { runSuite } = await import("@skyburst/conformance");
  const unread = new AbortController();
  const signal = AbortSignal.any([interruption(), unread.signal]);
  let written = Promise.resolve();
  const write = (text: string) => {
    written = written.then(() => writeTo(process.stdout, text)).catch((error) => unread.abort(error));
  };
  // A group is shown when the next one begins.
  const group: Row[] = [];
  const onRow = (row: Row) => {
    if (json) return write(jsonLine(row));
    if (group.length > 0 && group[0]?.group !== row.group) write(groupTable(group.splice(0)));
    group.push(row);
  };
  const rows = await runSuite(suite, { timeout, onRow, signal });
  const failed = rows.filter(({ passed }) => !passed);
  if (!json) write(groupTable(group) + summary(rows.length, failed));
  await written;
  unread.signal.throwIfAborted();
  return failed.length === 0 ? 0 : 1;
}

type Suite = (registrar: Registrar) => void;
type Factory = () => unknown;

async function suiteOf(path: string): Promise<Suite> {
  const exported = (await loadModule(path, "*")) as Readonly<Record<string, unknown>>;
  const { storeSuite, backendSuite, serializerSuite } = await import("@skyburst/conformance");
  const suites = { store: storeSuite, backend: backendSuite, serializer: serializerSuite } as const;
  const given = { ...exported, ...(await byShape(path, exported.default)) };
  const [name, another] = Object.keys(suites).filter((name) => name in given) as (keyof typeof suites)[];
  if (name === undefined) throw wrong(path, "it exports none of `store`, `backend`, `serializer` and `default`");
  if (another !== undefined)
    throw wrong(path, `it exports \`${name}\` and \`${another}\`: give each a module of its own`);
  const factory = given[name];
  if (!isFactory(factory)) throw wrong(path, `its export \`${name}\` is no function`);
  const opened = name === "backend" || given.open === undefined ? {} : { open: given.open };
  const facts = { ...opened, ...(typeof given.facts === "object" ? given.facts : {}) };
  // What the factory makes is anybody's guess, and finding out is what the suites are for.
  const start = suites[name] as (registrar: Registrar, factory: Factory, facts: object) => void;
  return (registrar) => start(registrar, factory, facts);
}

/** The default export under the name of what it makes. */
async function byShape(path: string, factory: unknown): Promise<Readonly<Record<string, Factory>>> {
  if (factory === undefined) return {};
  if (!isFactory(factory)) throw wrong(path, "its default export is no function");
  const made: unknown = await attempt(path, factory);
  if (typeof made !== "object" || made === null) throw wrong(path, "its default export makes no object");
  const name = "create" in made ? "store" : "launch" in made ? "backend" : "encode" in made ? "serializer" : undefined;
  if (name === undefined)
    throw wrong(path, "what its default export makes has neither `create`, `launch` nor `encode`");
  if ("close" in made && typeof made.close === "function") await made.close();
  return { [name]: factory };
}

async function attempt(path: string, factory: Factory): Promise<unknown> {
  try {
    return await factory();
  } catch (cause) {
    throw new CliError("usage", `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function isFactory(value: unknown): value is Factory {
  return typeof value === "function";
}

function wrong(path: string, what: string): CliError {
  return new CliError(
    "usage",
    `${path}: ${what}. Export a function that makes another object on one and the same place each time, as \`export const store = () => …\`.`,
  );
}

function groupTable(rows: readonly Row[]): string {
  const body = rows.map(({ test, passed, ms }) => [passed ? "passed" : "FAILED", String(Math.round(ms)), test]);
  return `${table([["", "ms", rows[0]?.group ?? ""], ...body])}\n`;
}

function summary(count: number, failed: readonly Row[]): string {
  const details = failed.map(({ group, test, error }) => `${group}: ${test}\n${indented(error?.message ?? "")}\n\n`);
  return `${details.join("")}${count - failed.length} of ${count} tests passed.\n`;
}

function indented(text: string): string {
  return text.trim().replaceAll(/^/gm, "  ");
}

function jsonLine({ group, test, passed, error, ms }: Row): string {
  const told = error && { name: error.name, message: error.message, stack: error.stack };
  return `${JSON.stringify({ group, test, passed, error: told, ms: Math.round(ms) })}\n`;
}
