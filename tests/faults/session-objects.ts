import {
  batchesOf,
  chunkNumbered,
  facts as factsOf,
  itemCount,
  listAll,
  parseBorn,
  parseCommit,
  parseDone,
  parseJson,
  parseLease,
  parseOdd,
  parsePart,
  parseTry,
  readLedger,
  sessionKeys,
  systemRuntime,
} from "@skyburst/core/protocol";
import type {
  Chunk,
  Commit,
  Lease,
  LeaseId,
  Ledger,
  LogId,
  OutcomeLine,
  Range,
  SessionKeys,
  TurnId,
} from "@skyburst/core/protocol";
import type { StateStore } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";

/** A commit as it lies in the store, and what its key says of it. */
export interface StoredCommit extends TurnId {
  readonly key: string;
  readonly range: Range;
  readonly commit: Commit;
  readonly lines: readonly OutcomeLine[];
}

export interface StoredLog {
  readonly id: LogId;
  readonly pieces: readonly { readonly at: number; readonly bytes: number }[];
  readonly ended: boolean;
}

/** Everything that a session consists of, read back without any of the shortcuts that the product takes. */
export interface SessionObjects {
  readonly keys: SessionKeys;
  readonly ledger: Ledger;
  /** Sizes by key, all below the session's root. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly chunks: readonly Chunk[];
  readonly leases: ReadonlyMap<string, { readonly id: LeaseId; readonly lease: Lease }>;
  readonly commits: readonly StoredCommit[];
  readonly odds: ReadonlySet<string>;
  /** Incarnations by key. */
  readonly born: ReadonlyMap<string, string>;
  readonly gone: ReadonlySet<string>;
  readonly logs: ReadonlyMap<string, StoredLog>;
}

/** A store, or the directory of one. */
export type Place = string | StateStore;

export function storeAt(place: Place): StateStore {
  return typeof place === "string" ? directory(place) : place;
}

/** @throws when a key is of no known kind, or is not exactly what its own parser makes of it. */
export async function readSessionObjects(place: Place, session: string): Promise<SessionObjects> {
  const store = storeAt(place);
  const facts = factsOf(store, systemRuntime);
  const keys = sessionKeys(session);
  const ledger = await readLedger(facts, keys);
  if (!ledger) throw new Error(`${JSON.stringify(store.reference.options)} holds no session ${session}.`);
  const { entries } = await listAll(facts, keys.root);
  const body = async (key: string) => (await facts.get(key)) ?? new Uint8Array();
  const leases = new Map<string, { id: LeaseId; lease: Lease }>();
  const commits: StoredCommit[] = [];
  const odds = new Set<string>();
  const born = new Map<string, string>();
  const gone = new Set<string>();
  const logs = new Map<string, StoredLog>();
  for (const { key, size } of entries) {
    const [kind = "", ...rest] = key.slice(keys.root.length).split("/");
    const name = rest.join("/");
    const again = rewritten(keys, kind, name);
    if (again !== key) throw new Error(`The key ${key} is not what its parser makes of it: ${again}.`);
    if (kind === "lease") leases.set(key, { id: parseLease(name), lease: parseJson(await body(key)) as Lease });
    if (kind === "part" || kind === "done")
      commits.push(stored(key, kind === "part" ? parsePart(name) : parseDone(name), parseCommit(await body(key))));
    if (kind === "odd") odds.add(key);
    if (kind === "born") born.set(key, (parseJson(await body(key)) as { incarnation: string }).incarnation);
    if (kind === "gone") gone.add(name);
    if (kind === "log") addLog(logs, name, size);
  }
  const chunks = Array.from({ length: ledger.chunks }, (_, number) => {
    const chunk = chunkNumbered(ledger, number);
    if (!chunk) throw new Error(`The ledger counts ${ledger.chunks} chunks and does not find number ${number}.`);
    return chunk;
  });
  const sizes = new Map(entries.map(({ key, size }) => [key, size]));
  return { keys, ledger, sizes, chunks, leases, commits, odds, born, gone, logs };
}

/** Batches of a turn, as epoch 1 of its lease fixed them. */
export function batchesOfTurn({ keys, leases }: SessionObjects, turn: TurnId): readonly Range[] {
  const first = leases.get(keys.lease({ ...turn, e: 1 }))?.lease;
  if (!first) throw new Error(`Turn ${keys.done(turn)} has no lease of epoch 1.`);
  return batchesOf(first.cut, itemCount(first.items));
}

const free = /^[\w.-]+$/;

/** The key written again from what its parser read. */
function rewritten(keys: SessionKeys, kind: string, name: string): string {
  const numbers = name.split(/[./-]/).map(Number);
  const [a = -1, b = -1, c = -1] = numbers;
  switch (kind) {
    case "manifest":
      return keys.manifest(a);
    case "lease":
      return keys.lease(parseLease(name));
    case "part": {
      const part = parsePart(name);
      return keys.part(part, part);
    }
    case "done":
      return keys.done(parseDone(name));
    case "odd": {
      const odd = parseOdd(name);
      return keys.odd(odd, odd, odd);
    }
    case "try": {
      const [s = -1, i = -1] = name.split(/[./]/).map(Number);
      const { t, e, offset } = parseTry(name.slice(name.indexOf("/") + 1));
      return keys.try({ s, i, t, e }, offset);
    }
    case "born": {
      const { n, j, k } = parseBorn(name);
      return keys.born(n, j, k);
    }
    case "exit":
      return keys.exit(a, b);
    case "launch":
      return keys.launch(a);
    case "launched":
      return keys.launched(a);
    case "supervisor":
      return keys.supervisor(a);
    case "over":
      return keys.over(a);
    case "log": {
      const { id, at } = parseLog(name);
      return at === undefined ? keys.logEnd(id) : keys.log(id, at);
    }
    case "segment":
      return keys.segment(name.slice(0, name.lastIndexOf(".")), Number(name.slice(name.lastIndexOf(".") + 1)));
    case "worker":
      return free.test(name) ? keys.worker(name) : "";
    case "gone":
      return free.test(name) ? keys.gone(name) : "";
    case "follow":
      return free.test(name) ? keys.follow(name) : "";
    case "program":
      return /^[\da-f]{64}\.mjs$/.test(name) ? keys.program(name.slice(0, 64)) : "";
    case "blob":
      return /^in\/[\da-f]{64}$/.test(name)
        ? keys.inputBlob(name.slice(3))
        : keys.blob({ s: a, i: b, t: c, e: numbers[3] ?? -1 }, numbers[4] ?? -1);
    default:
      return "";
  }
}

function parseLog(name: string): { readonly id: LogId; readonly at: number | undefined } {
  const [attempt = "", piece = ""] = name.split("/");
  const [s = -1, i = -1, offset = -1, t = -1, e = -1, number = -1] = attempt.split(".").map(Number);
  return { id: { s, i, t, e, offset, attempt: number }, at: piece === "~end" ? undefined : Number(piece) };
}

function addLog(logs: Map<string, StoredLog>, name: string, size: number): void {
  const { id, at } = parseLog(name);
  const attempt = name.slice(0, name.indexOf("/"));
  const known = logs.get(attempt) ?? { id, pieces: [], ended: false };
  logs.set(
    attempt,
    at === undefined ? { ...known, ended: true } : { ...known, pieces: [...known.pieces, { at, bytes: size }] },
  );
}

function stored(key: string, turn: TurnId, commit: Commit): StoredCommit {
  const { first, count } = commit.header;
  const lines = Buffer.from(commit.lines)
    .toString()
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as OutcomeLine);
  return { s: turn.s, i: turn.i, t: turn.t, key, range: { first, count }, commit, lines };
}
