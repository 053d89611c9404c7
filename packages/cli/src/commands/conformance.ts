import type { Registrar, Row } from "@skyburst/conformance";
import { CliError } from "../errors.ts";
import { loadModule } from "../load-module.ts";
import { table } from "../output/table.ts";
import { writeTo } from "../output/stream-output.ts";

export interface ConformanceFlags {
  readonly timeout?: number;
  readonly json?: boolean;
}

/** Runs the suites for what a module exports. */
export async function conformance(path: string, { timeout, json }: ConformanceFlags): Promise<number> {
  const suites = await suitesOf(path);
  const { runSuite } = await import("@skyburst/conformance");
  const rows: Row[] = [];
  for (const suite of suites) {
    // Results of a group are told when the next one begins.
    let group: Row[] = [];
    let written = Promise.resolve();
    const tell = (row?: Row) => {
      const ended = group;
      if (ended.length > 0 && ended[0]?.group !== row?.group) {
        written = written.then(() => writeTo(process.stdout, groupTable(ended)));
        group = [];
      }
      if (row !== undefined) group.push(row);
    };
    const onRow = (row: Row) => {
      if (json) written = written.then(() => writeTo(process.stdout, jsonLine(row)));
      else tell(row);
    };
    rows.push(...(await runSuite(suite, { timeout, onRow })));
    tell();
    await written;
  }
  const failed = rows.filter(({ passed }) => !passed);
  if (!json) await writeTo(process.stdout, summary(rows.length, failed));
  return failed.length === 0 ? 0 : 1;
}

type Suite = (registrar: Registrar) => void;
type Factory = () => unknown;

/** By name, or by what the default export makes. */
async function suitesOf(path: string): Promise<readonly Suite[]> {
  const exported = (await loadModule(path, "*")) as Readonly<Record<string, unknown>>;
  const { storeSuite, backendSuite, serializerSuite } = await import("@skyburst/conformance");
  const kinds = { store: storeSuite, backend: backendSuite, serializer: serializerSuite } as const;
  const given = { ...exported, ...(await byShape(path, exported.default)) };
  const facts = { open: given.open, ...(typeof given.facts === "object" ? given.facts : {}) };
  const suites = Object.entries(kinds).flatMap(([name, suite]): Suite[] => {
    const factory = given[name];
    if (factory === undefined) return [];
    if (!isFactory(factory)) throw wrong(path, `its export \`${name}\` is no function`);
    // What the module gives is anybody's guess, and finding out is what the suites are for.
    const start = suite as (registrar: Registrar, factory: Factory, facts: object) => void;
    return [(registrar) => start(registrar, factory, facts)];
  });
  if (suites.length === 0) throw wrong(path, "it exports none of `store`, `backend`, `serializer` and `default`");
  return suites;
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
