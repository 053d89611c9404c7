import { writeFileSync } from "node:fs";
import { StoreError } from "@skyburst/core";
import type { StateStore } from "@skyburst/core";
import { open as flat } from "./flat.ts";

interface RefusingOptions {
  readonly path: string;
  /** File that is there once it has refused. */
  readonly mark: string;
}

/** A store that does not let the first object of a log be created, and all else. */
export function open({ path, mark }: RefusingOptions & StateStore["reference"]["options"]): StateStore {
  const store = flat({ path });
  return {
    ...store,
    reference: { module: import.meta.url, options: { path, mark } },
    async create(key, body, options) {
      if (key.includes("/log/") && isFirst(mark)) throw new StoreError("permission", "Nobody may write logs today.");
      return store.create(key, body, options);
    },
  };
}

function isFirst(mark: string): boolean {
  try {
    writeFileSync(mark, "", { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}
