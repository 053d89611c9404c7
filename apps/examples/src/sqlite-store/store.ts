import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  type CreateOptions,
  type Entry,
  type JsonObject,
  type ListOptions,
  type Page,
  type SignalOption,
  type StateStore,
  StoreError,
} from "@skyburst/core";
import Database from "libsql";
import { translated } from "./errors.ts";
import { checkKey, checkPrefix } from "./key.ts";

/** A store in one file of SQLite, for all processes of this machine. */
export function sqlite(path: string): StateStore {
  return new SqliteStore(resolve(path));
}

/** What a worker opens: `reference.options`, in another process. */
export function open({ path, ...others }: JsonObject): StateStore {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new StoreError("option", `There is no option \`${unknown}\`: give \`path\`.`);
  if (typeof path !== "string") throw new StoreError("option", `\`path\` is ${typeof path}: give the path of a file.`);
  return new SqliteStore(path);
}

class SqliteStore implements StateStore {
  readonly reference;
  // A request costs some microseconds here, as on a directory.
  readonly pace = { ttl: 10_000, commitInterval: 500, poll: [5, 1000], chunksPerSlot: 16 } as const;
  readonly #path: string;
  #database: Database.Database | undefined;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
    // The module is this one, wherever it is: the worker is bundled from it.
    this.reference = { module: import.meta.url, options: { path } };
  }

  /** The primary key is what makes it atomic: of two inserts, one changes a row. */
  async create(key: string, body: Uint8Array, options?: CreateOptions): Promise<boolean> {
    const bytes = Buffer.from(body);
    return this.#act([key], options, (database) => {
      for (;;) {
        const insert = "INSERT INTO objects VALUES (?, ?, ?, $now) ON CONFLICT DO NOTHING".replace("$now", NOW);
        if (database.prepare(insert).run(key, bytes, bytes.length).changes === 1) return true;
        const there = this.#read(database, key);
        // Deleted in between: try again.
        if (there !== undefined) return bytes.equals(there);
      }
    });
  }

  async get(key: string, options?: SignalOption): Promise<Uint8Array | undefined> {
    return this.#act([key], options, (database) => this.#read(database, key));
  }

  /** SQLite compares text by its UTF-8 bytes, which is the order that is asked for. */
  async *list(prefix: string, options?: ListOptions): AsyncGenerator<Page, void, undefined> {
    checkPrefix(prefix);
    // "0" follows "/": the range holds what begins with the prefix and nothing else.
    const end = `${prefix.slice(0, -1)}0`;
    for (let after = options?.after ?? "", full = true; full;) {
      const page = this.#act([], options, (database) => ({
        entries: database.prepare(LIST).all(prefix, end, after) as Entry[],
        now: this.#now(database),
      }));
      yield page;
      full = page.entries.length === PAGE;
      after = page.entries.at(-1)?.key ?? after;
    }
  }

  async put(key: string, body: Uint8Array, options?: SignalOption): Promise<void> {
    const bytes = Buffer.from(body);
    this.#act([key], options, (database) =>
      database.prepare(`INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ${NOW})`).run(key, bytes, bytes.length),
    );
  }

  async delete(keys: readonly string[], options?: SignalOption): Promise<void> {
    this.#act(keys, options, (database) => {
      const statement = database.prepare("DELETE FROM objects WHERE key = ?");
      database.transaction(() => keys.forEach((key) => statement.run(key)))();
    });
  }

  async now(): Promise<number> {
    return this.#act([], undefined, (database) => this.#now(database));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#database?.close();
    this.#database = undefined;
  }

  #read(database: Database.Database, key: string): Uint8Array | undefined {
    const row = database.prepare("SELECT body FROM objects WHERE key = ?").get(key) as { body: Buffer } | undefined;
    return row && new Uint8Array(row.body);
  }

  #now(database: Database.Database): number {
    return (database.prepare(`SELECT ${NOW} AS now`).get() as { now: number }).now;
  }

  /** Checks what every call checks, opens the file on first use, and translates what SQLite says. */
  #act<T>(keys: readonly string[], options: SignalOption | undefined, step: (database: Database.Database) => T): T {
    if (this.#closed) throw new StoreError("closed", `The store ${this.#path} is closed.`);
    if (options?.signal?.aborted) throw new StoreError("closed", "The call was given up before it began.");
    keys.forEach(checkKey);
    try {
      return step((this.#database ??= opened(this.#path)));
    } catch (error) {
      throw translated(error, this.#path);
    }
  }
}

function opened(path: string): Database.Database {
  if (!existsSync(dirname(path))) throw new StoreError("not-found", `The store ${path}: its directory is not there.`);
  // Another process may be writing: waits up to 10 s for it.
  const database = new Database(path, { timeout: 10_000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  database.exec("CREATE TABLE IF NOT EXISTS objects (key TEXT PRIMARY KEY, body BLOB, size INTEGER, modified INTEGER)");
  return database;
}

const PAGE = 1000;
/** The clock of the database, in milliseconds. */
const NOW = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
const LIST = `SELECT key, size, modified FROM objects WHERE key >= ? AND key < ? AND key > ? ORDER BY key LIMIT ${PAGE}`;
