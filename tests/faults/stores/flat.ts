import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page, StateStore } from "@skyburst/core";

let temporaries = 0;

/** A store that Skyburst does not know: one directory, each object a file that is named by its key in base 64. It brings no worker program. */
export function open({ path }: { readonly path: string }): StateStore {
  const fileOf = (key: string) => join(path, Buffer.from(key).toString("base64url"));
  const written = (body: Uint8Array) => {
    const file = join(path, `.${process.pid}.${temporaries++}`);
    mkdirSync(path, { recursive: true });
    writeFileSync(file, body);
    return file;
  };
  const read = (key: string) => {
    try {
      return readFileSync(fileOf(key));
    } catch {
      return undefined;
    }
  };
  return {
    reference: { module: import.meta.url, options: { path } },
    pace: { ttl: 2000, commitInterval: 50, poll: [2, 100], chunksPerSlot: 4 },
    async create(key, body) {
      const file = written(body);
      try {
        linkSync(file, fileOf(key));
        return true;
      } catch {
        return read(key)?.equals(body) === true;
      } finally {
        rmSync(file);
      }
    },
    get: async (key) => read(key),
    async *list(prefix, { after = "" } = {}): AsyncGenerator<Page> {
      const keys = readdirSync(path)
        .filter((name) => !name.startsWith("."))
        .map((name) => Buffer.from(name, "base64url").toString())
        .filter((key) => key.startsWith(prefix) && key > after)
        .sort();
      const entries = keys.map((key) => {
        const { size, mtimeMs } = statSync(fileOf(key));
        return { key, size, modified: mtimeMs };
      });
      for (let from = 0; from === 0 || from < entries.length; from += 1000)
        yield { now: Date.now(), entries: entries.slice(from, from + 1000) };
    },
    put: async (key, body) => renameSync(written(body), fileOf(key)),
    delete: async (keys) => keys.forEach((key) => rmSync(fileOf(key), { force: true })),
    now: async () => Date.now(),
  };
}
