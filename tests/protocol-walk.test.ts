import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { attachSession, open } from "@skyburst/core";
import type { Backend, Session } from "@skyburst/core";
import { parseEntry } from "@skyburst/core/protocol";
import { directory } from "@skyburst/state-fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { objectsOf, shown } from "./docs/found.ts";
import type { Found } from "./docs/found.ts";
import { keyTable, operationTable } from "./docs/key-table.ts";
import { compare, parseListing } from "./docs/listing.ts";
import { fencesOf } from "./docs/markdown.ts";
import { obey, square } from "./docs/tasks.ts";

const page = await readFile(new URL("../docs/protocol.md", import.meta.url), "utf8");

let place: string;
let meeting: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "skyburst-walk-"));
  meeting = await mkdtemp(join(tmpdir(), "skyburst-meeting-"));
});
afterEach(async () => {
  await Promise.all([place, meeting].map((path) => rm(path, { recursive: true, force: true })));
});

test("a map of 3 tasks on 2 workers writes what the page lists", async () => {
  const found = await objectsAfter({ workers: 2 }, async (session) => {
    expect(await session.map(square, [1, 2, 3]).values()).toEqual([1, 4, 9]);
  });
  const listed = compare(listing("map"), found.map(shown));
  expect(listed.found).toEqual(listed.expected);
  expect(found).toHaveLength(18);
  expect(page).toContain("Eighteen objects,");
});

test("a command writes what the page lists", async () => {
  const found = await objectsAfter({ workers: 1 }, async (session) => {
    const argv = ["sh", "-c", "echo out; echo err >&2"];
    const lines = new TextEncoder().encode("null\n");
    const segments = (async function* () {
      yield { count: 1, rich: [], lines };
    })();
    const outcomes = session.lines(
      { kind: "command", name: "sh", argv, substitute: false },
      { segments, gather: Infinity, count: 1 },
    );
    let count = 0;
    for await (const part of outcomes) count += part.count;
    expect(count).toBe(1);
  });
  const listed = compare(listing("run"), found.map(shown));
  expect(listed.found).toEqual(listed.expected);
});

test("the table names every key and every field that a busy session writes", { timeout: 120_000 }, async () => {
  const found = await objectsAfter(
    { workers: 1, ttl: 1000, linger: 0, leave: "detach", hints: true },
    async (session) => {
      const shared = await session.share({ big: "z".repeat(1000) });
      const some = ["large", "talk", "fail once", new Date(0), { big: "b".repeat(300_000) }, shared] as const;
      const inputs = [...Array.from({ length: 6 }, () => some).flat(), "hold" as const];
      const followed = follow(session.id);
      expect(await count(session.map(obey, inputs, { retries: 1, backoff: 0 }))).toBe(37);
      expect(await followed).toBeGreaterThan(600_000);
      const more = { big: "s".repeat(200_000) };
      expect(await count(session.map(obey, ["fail", "fail", "kill", more, more, more] as const))).toBe(6);
      for await (const _ of session.map(
        obey,
        Array.from({ length: 100 }, () => "fail" as const),
      ))
        break;
    },
  );
  const rows = keyTable(page);
  const seen = new Set<string>();
  const strangers: string[] = [];
  for (const object of [...found, ...(await objectsOfRemoved())]) {
    const fields = fieldsOf(object);
    const fitting = rows.filter((row) => row.pattern.test(object.key) && fields.every((name) => row.fields.has(name)));
    if (fitting.length === 0) strangers.push(`${object.key}: ${fields.join(" ")}`);
    for (const { key } of fitting) seen.add(key);
  }
  expect(strangers).toEqual([]);

  const operations = operationTable(page);
  const unnamed = operationsIn(found).filter((operation) => {
    const names = operations.get(operation.op);
    return Object.keys(operation).some((name) => name !== "op" && !names?.has(name));
  });
  expect(unnamed).toEqual([]);
  expect(rows.map(({ key }) => key).filter((key) => !seen.has(key))).toEqual([]);
});

/** What is left of a session when it was removed. */
async function objectsOfRemoved(): Promise<Found[]> {
  const store = directory(place);
  const session = await open({ backend: local(), store });
  await session.remove({ now: true });
  await session.close();
  const key = `removed/${session.id}`;
  const body = await store.get(key);
  return [...(body ? [{ key, body }] : []), ...(await objectsOf(store, session.id))];
}

function operationsIn(found: readonly Found[]): { readonly op: string }[] {
  const entries = found.filter(({ key }) => key.startsWith("manifest/"));
  return entries.flatMap(({ body }) => parseEntry(body).operations);
}

async function count(outcomes: AsyncIterable<unknown>): Promise<number> {
  let all = 0;
  for await (const _ of outcomes) all++;
  return all;
}

/** Reads the logs of the session while it runs; resolves with their size. */
async function follow(id: string): Promise<number> {
  let bytes = 0;
  for await (const { size } of (await attachSession(directory(place), id)).logs().follow()) bytes += size;
  return bytes;
}

interface Setting {
  readonly workers: number;
  readonly ttl?: number;
  readonly linger?: number;
  readonly leave?: "close" | "detach";
  readonly hints?: boolean;
}

/**
 * All objects, once everybody has left; hints, which come and go with time, only if they are asked for, and so `over/`, which a worker
 * writes if it sees the end before it is told to leave.
 */
async function objectsAfter(
  { workers, ttl, linger, leave = "close", hints = false }: Setting,
  use: (session: Session) => Promise<void>,
): Promise<Found[]> {
  const backend = local();
  const store = directory(place);
  const spec = { slots: 1, env: { SKYBURST_TEST_MEETING: meeting } };
  const session = await open({ backend, store, workers, spec, ttl, linger });
  try {
    await use(session);
  } finally {
    await session[leave]();
  }
  await allGone(backend, session.id);
  const found = await objectsOf(store, session.id);
  return found.filter(({ key }) => hints || !/^(worker|follow|over)\//.test(key));
}

async function allGone(backend: Backend, session: string): Promise<void> {
  for await (const workers of backend.watch?.(session) ?? []) {
    if (workers.every(({ state }) => state === "exited")) return;
  }
}

function listing(walk: string) {
  const blocks = fencesOf(page).filter(({ attributes }) => attributes === `walk=${walk}`);
  return blocks.flatMap(({ text }) => parseListing(text));
}

/** Names of the fields of a body that is JSON, or of its first line, at whatever depth the table describes. */
function fieldsOf({ key, body }: Found): string[] {
  if (/^(program|blob|log|odd|try|over)\//.test(key)) return [];
  const [first = ""] = new TextDecoder().decode(body).split("\n");
  return namesIn(JSON.parse(first) as object);
}

/** Described elsewhere, or kept for people only. */
const apart = new Set(["operations", "fold", "usage", "work", "again", "items"]);

function namesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return Object.entries(value).flatMap(([name, part]) => [
    // Deaths are kept by the offset of a task.
    ...(/^\d+$/.test(name) ? [] : [name]),
    ...(apart.has(name) ? [] : namesIn(part)),
  ]);
}
