import { mkdtemp, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "vitest";
import { directory, type Durability } from "../src/index.ts";
import { storeSuite } from "./store-suite.ts";

// The kernel stamps files with the time of its last tick, at most 10 ms ago.
const facts = { nesting: "refused", resolution: 10 } as const;

for (const durable of ["process", "power"] satisfies Durability[]) {
  describe(`a directory that keeps the contract of a store, durable: "${durable}"`, () => {
    storeSuite({ describe, test }, () => place(durable), facts);
  });
}

// Where a flush costs nothing: the contract is about what is there, and thousands of flushes take minutes on some disks.
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

async function place(durable: Durability) {
  const path = await mkdtemp(join(durable === "power" ? MEMORY : tmpdir(), "state-fs-"));
  return {
    open: () => directory(path, { durable }),
    dispose: () => rm(path, { recursive: true }),
  };
}
