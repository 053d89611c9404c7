/**
 * Where the facts of a session stand. Numbers are decimal and zero-padded so that key order is fact order; a number that
 * does not fit fails the session, because a longer one would sort wrongly and nothing may wrap.
 */
export const indexPrefix = "index/";

export function indexKey(session: string): string {
  return indexPrefix + session;
}

export function sessionRoot(session: string): string {
  return `s/${session}/`;
}

/** A chunk of a session: segment s in the fold of the ledger, chunk i in the segment. */
export interface ChunkId {
  readonly s: number;
  readonly i: number;
}

/** One pass over a chunk. */
export interface TurnId extends ChunkId {
  readonly t: number;
}

export interface LeaseId extends TurnId {
  /** Counts from 1. */
  readonly e: number;
}

/** A batch of a turn: positions in the turn's items. */
export interface Range {
  readonly first: number;
  readonly count: number;
}

export interface SessionKeys {
  readonly root: string;
  readonly manifests: string;
  manifest(rev: number): string;
  segment(submission: string, ordinal: number): string;
  /** `<s>.<i>`: what the keys of a chunk have in common. Behind a prefix it sorts before all of them. */
  chunk(chunk: ChunkId): string;
  readonly leases: string;
  lease(id: LeaseId): string;
  tries(chunk: ChunkId): string;
  try(id: LeaseId, offset: number): string;
  readonly odds: string;
  odd(id: LeaseId, range: Range, counts: OddCounts): string;
  readonly parts: string;
  partsOf(chunk: ChunkId): string;
  part(id: TurnId, range: Range): string;
  readonly dones: string;
  done(id: TurnId): string;
  readonly workers: string;
  worker(id: string): string;
  readonly gones: string;
  gone(id: string): string;
  readonly launches: string;
  launch(n: number): string;
  readonly answers: string;
  launched(n: number): string;
  readonly births: string;
  born(n: number, j: number, k: number): string;
  readonly exits: string;
  exit(n: number, j: number): string;
  readonly supervisors: string;
  supervisor(e: number): string;
  readonly followers: string;
  /** `task`: index in the session of the one task that it follows. */
  follow(client: string, task?: number): string;
  readonly newestFollower: string;
  over(rev: number): string;
  readonly logs: string;
  logsOf(log: LogId): string;
  log(log: LogId, offset: number): string;
  logEnd(log: LogId): string;
  blob(id: LeaseId, offset: number): string;
  inputBlob(sha256: string): string;
  program(sha256: string): string;
}

/** Log of one attempt: `offset` is the task's offset in its chunk. */
export interface LogId extends LeaseId {
  readonly offset: number;
  readonly attempt: number;
}

/** What `follow/newest` says: whoever follows logs puts it when it comes and while it stays, so that one read tells workers of it. */
export interface NewestFollower {
  /** Name of its own hint. */
  readonly by: string;
  /** Store time, in milliseconds, from which on it counts no more. */
  readonly until: number;
}

/** What a commit that is not wholly successful says of itself in a key. */
export interface OddCounts {
  readonly failed: number;
  readonly cancelled: number;
  readonly again: number;
}

const width = { rev: 8, s: 7, i: 3, t: 4, e: 4, offset: 4, n: 6, j: 4, logOffset: 12, ordinal: 6, attempt: 2 } as const;

export function sessionKeys(session: string): SessionKeys {
  const root = sessionRoot(session);
  const chunk = ({ s, i }: ChunkId) => `${pad(s, width.s)}.${pad(i, width.i)}`;
  const turn = (id: TurnId) => `${chunk(id)}.${pad(id.t, width.t)}`;
  const lease = (id: LeaseId) => `${turn(id)}.${pad(id.e, width.e)}`;
  const range = ({ first, count }: Range) => `${pad(first, width.offset)}-${pad(count, width.offset)}`;
  const born = (n: number, j: number) => `${pad(n, width.n)}.${pad(j, width.j)}`;
  const log = (id: LogId) =>
    `${root}log/${chunk(id)}.${pad(id.offset, width.offset)}.${pad(id.t, width.t)}.${pad(id.e, width.e)}.${pad(id.attempt, width.attempt)}/`;
  return {
    root,
    manifests: `${root}manifest/`,
    manifest: (rev) => `${root}manifest/${pad(rev, width.rev)}`,
    segment: (submission, ordinal) => `${root}segment/${submission}.${pad(ordinal, width.ordinal)}`,
    chunk,
    leases: `${root}lease/`,
    lease: (id) => `${root}lease/${lease(id)}`,
    tries: (id) => `${root}try/${chunk(id)}/`,
    try: (id, offset) =>
      `${root}try/${chunk(id)}/${pad(id.t, width.t)}.${pad(id.e, width.e)}.${pad(offset, width.offset)}`,
    odds: `${root}odd/`,
    odd: (id, batch, counts) =>
      `${root}odd/${turn(id)}.${range(batch)}.${pad(id.e, width.e)}-${counts.failed}-${counts.cancelled}-${counts.again}`,
    parts: `${root}part/`,
    partsOf: (id) => `${root}part/${chunk(id)}/`,
    part: (id, batch) => `${root}part/${chunk(id)}/${pad(id.t, width.t)}.${range(batch)}`,
    dones: `${root}done/`,
    done: (id) => `${root}done/${turn(id)}`,
    workers: `${root}worker/`,
    worker: (id) => `${root}worker/${id}`,
    gones: `${root}gone/`,
    gone: (id) => `${root}gone/${id}`,
    launches: `${root}launch/`,
    launch: (n) => `${root}launch/${pad(n, width.n)}`,
    answers: `${root}launched/`,
    launched: (n) => `${root}launched/${pad(n, width.n)}`,
    births: `${root}born/`,
    born: (n, j, k) => `${root}born/${born(n, j)}.${k}`,
    exits: `${root}exit/`,
    exit: (n, j) => `${root}exit/${born(n, j)}`,
    supervisors: `${root}supervisor/`,
    supervisor: (e) => `${root}supervisor/${pad(e, width.e)}`,
    followers: `${root}follow/`,
    follow: (client, task) => `${root}follow/${client}${task === undefined ? "" : `.${task}`}`,
    newestFollower: `${root}follow/newest`,
    over: (rev) => `${root}over/${pad(rev, width.rev)}`,
    logs: `${root}log/`,
    logsOf: log,
    log: (id, offset) => log(id) + pad(offset, width.logOffset),
    logEnd: (id) => `${log(id)}~end`,
    blob: (id, offset) => `${root}blob/${lease(id)}/${pad(offset, width.offset)}`,
    inputBlob: (sha256) => `${root}blob/in/${sha256}`,
    program: (sha256) => `${root}program/${sha256}.mjs`,
  };
}

function pad(value: number, digits: number): string {
  const text = String(value);
  if (text.length > digits || value < 0)
    throw new RangeError(`The session is full: ${text} does not fit in ${digits} digits of a key.`);
  return text.padStart(digits, "0");
}

/** Reads what follows the prefix of `lease/`. */
export function parseLease(name: string): LeaseId {
  const [s, i, t, e] = numbers(name);
  return { s, i, t, e };
}

/** Reads what follows the prefix of `done/`. */
export function parseDone(name: string): TurnId {
  const [s, i, t] = numbers(name);
  return { s, i, t };
}

/** Reads what follows the prefix of `part/`: `<s>.<i>/<t>.<first>-<count>`. */
export function parsePart(name: string): TurnId & Range {
  const [s, i, t, first, count] = numbers(name);
  return { s, i, t, first, count };
}

/** Reads what follows the prefix of `odd/`. */
export function parseOdd(name: string): LeaseId & Range & OddCounts {
  const [s, i, t, first, count, e, failed, cancelled, again] = numbers(name);
  return { s, i, t, first, count, e, failed, cancelled, again };
}

/** Reads what follows the prefix of `try/<s>.<i>/`. */
export function parseTry(name: string): { readonly t: number; readonly e: number; readonly offset: number } {
  const [t, e, offset] = numbers(name);
  return { t, e, offset };
}

/** Reads what follows the prefix of `log/`. `at`: offset of the object in its log; undefined for the end mark. */
export function parseLog(name: string): LogId & { readonly at: number | undefined } {
  const [s, i, offset, t, e, attempt, at] = numbers(name);
  return { s, i, offset, t, e, attempt, at: Number.isNaN(at) ? undefined : at };
}

/** Reads what follows the prefix of `follow/`: `<kind>.<random>`, and the task if it is one only. */
export function parseFollower(name: string): { readonly task: number | undefined } {
  const [, , task] = name.split(".");
  return { task: task === undefined ? undefined : Number(task) };
}

/** Reads what follows the prefix of `born/`. */
export function parseBorn(name: string): { readonly n: number; readonly j: number; readonly k: number } {
  const [n, j, k] = numbers(name);
  return { n, j, k };
}

/** By hand: whoever lists a page of keys reads a thousand of them, and a regular expression takes five times as long. */
function numbers(name: string): number[] & [number, number, number, number, number, number, number, number, number] {
  const found: number[] = [];
  let value = 0;
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if (code >= zero && code < zero + 10) value = value * 10 + code - zero;
    else if (code === dot || code === slash || code === dash) {
      found.push(value);
      value = 0;
    } else value = Number.NaN;
  }
  found.push(value);
  return found as ReturnType<typeof numbers>;
}

const [zero, dot, slash, dash] = [48, 46, 47, 45] as const;

/** Key of a chunk in maps. */
export function chunkName({ s, i }: ChunkId): string {
  return `${s}.${i}`;
}
