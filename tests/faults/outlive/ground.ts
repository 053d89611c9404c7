import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import type { Backend, StateStore, StorePace } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { s3 } from "@skyburst/state-s3";

/** A store for one test, and machines from which it can be reached. */
export interface Ground {
  /** The store, as this process opens it. */
  readonly store: StateStore;
  /** Where workers of this process's sessions run: another object on the same provider each time. */
  backend(): Backend;
  /** A working directory with nothing in it but a configuration of the store, and an empty home. */
  desk(): Desk;
  remove(): void;
}

export interface Desk {
  readonly directory: string;
  readonly home: string;
}

/** Where a store is: the code of a configuration that opens it, and the store itself. */
interface Site {
  readonly code: string;
  readonly store: StateStore;
}

/** On a directory a lease lives for one of the shortest lives that there may be; where times are told by the second, for some. */
const hurried: Partial<StorePace> = { ttl: 1500 };
const hurriedS3 = { ttl: 4000, commitInterval: 200, poll: [20, 300] as const };

export interface DirectoryGround extends Ground {
  readonly path: string;
}

/** @param path Default: a new directory. */
export function directoryGround(path = mkdtempSync(join(tmpdir(), "skyburst-ground-"))): DirectoryGround {
  const code = `${imported("directory", "@skyburst/state-fs")}const plain = directory(${JSON.stringify(path)});`;
  const ground = groundOn({ code, store: inHurry(directory(path)) });
  return {
    ...ground,
    path,
    remove() {
      ground.remove();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export interface ServedAt {
  readonly endpoint: string;
  readonly bucket: string;
}

/** In a bucket that others use as well, below a prefix of its own. */
export function s3Ground({ endpoint, bucket }: ServedAt, prefix: string): Ground {
  const options = { endpoint, bucket, prefix, pace: hurriedS3 };
  const code = `${imported("s3", "@skyburst/state-s3")}const plain = s3(${JSON.stringify(options)});`;
  return groundOn({ code, store: s3(options) });
}

function groundOn({ code, store }: Site): Ground {
  const places: string[] = [];
  const fresh = () => {
    const path = mkdtempSync(join(tmpdir(), "skyburst-desk-"));
    places.push(path);
    return path;
  };
  return {
    store,
    backend: () => local(),
    desk() {
      const desk = { directory: fresh(), home: fresh() };
      writeFileSync(join(desk.directory, "skyburst.config.mjs"), `${code}\n${configuration}`);
      return desk;
    },
    remove() {
      for (const path of places) rmSync(path, { recursive: true, force: true });
    },
  };
}

/** What a directory has no option for: its workers go by the session's own figures. */
function inHurry(store: StateStore): StateStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === "pace") return { ...target.pace, ...hurried };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** As {@link inHurry}; and a client that is to be killed before it writes an entry of the ledger kills itself. */
const configuration = `
const pace = ${JSON.stringify(hurried)};
const fatal = Number(process.env.KILLED_BEFORE_ENTRY ?? "-1");
let entries = 0;
const create = (key, body, options) => {
  if (fatal >= 0 && key.includes("/manifest/") && entries++ === fatal) process.kill(process.pid, "SIGKILL");
  return plain.create(key, body, options);
};
const store = new Proxy(plain, {
  get(target, name) {
    if (name === "pace" && plain.reference.module === "@skyburst/state-fs") return { ...target.pace, ...pace };
    if (name === "create") return create;
    const value = Reflect.get(target, name, target);
    return typeof value === "function" ? value.bind(target) : value;
  },
});
export default { store, workers: 2, slots: 1 };
`;

/** By a name that a bundler does not see through: an SDK need not be bundled for each command. */
function imported(name: string, from: string): string {
  return `const { ${name} } = await import([${JSON.stringify(import.meta.resolve(from))}].join(""));\n`;
}
