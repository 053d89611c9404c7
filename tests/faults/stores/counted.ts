import { appendFileSync } from "node:fs";
import type { Page, StateStore, StoreRequests } from "@skyburst/core";
import { open as flat } from "./flat.ts";

interface CountedOptions {
  readonly path: string;
  /** File that every request of every process adds a line to: its kind, and the bytes of its object. */
  readonly log: string;
  /** Each create is sent twice, and the store says so itself. */
  readonly twice: boolean;
}

/** A store that keeps account of its own of what is asked of it. */
export function open({ path, log, twice }: CountedOptions & StateStore["reference"]["options"]): StateStore {
  const store = flat({ path });
  const requests = { create: 0, get: 0, list: 0, put: 0, delete: 0 };
  const count = (kind: keyof StoreRequests, bytes = 0) => {
    requests[kind]++;
    appendFileSync(log, `${kind} ${bytes}\n`);
  };
  return {
    ...store,
    reference: { module: import.meta.url, options: { path, log, twice } },
    ...(twice ? { requests } : {}),
    create(key, body, options) {
      count("create", body.length);
      if (twice) count("create");
      return store.create(key, body, options);
    },
    async get(key, options) {
      const bytes = await store.get(key, options);
      count("get", bytes?.length);
      return bytes;
    },
    async *list(prefix, options): AsyncGenerator<Page> {
      for await (const page of store.list(prefix, options)) {
        count("list");
        yield page;
      }
    },
    put(key, body, options) {
      count("put", body.length);
      return store.put(key, body, options);
    },
  };
}
