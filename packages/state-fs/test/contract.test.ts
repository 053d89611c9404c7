import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type StoreFacts, storeSuite } from "@skyburst/conformance";
import { afterAll, describe, test } from "vitest";
import { directory, type Durability, open } from "../src/index.ts";

// Where a flush costs nothing: the contract is about what is there, and thousands of flushes take minutes on some disks.
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

describe.each<[Durability, string]>([
  ["process", tmpdir()],
  ["power", MEMORY],
])('a directory, durable: "%s"', (durable, parent) => {
  const path = mkdtempSync(join(parent, "state-fs-"));
  afterAll(() => rmSync(path, { recursive: true }));
  // The kernel stamps files with the time of its last tick, at most 10 ms ago.
  const facts: StoreFacts = { nesting: "refused", modifiedResolution: 10, roles: ["close", "rates"], open };
  storeSuite({ describe, test }, () => directory(path, { durable }), facts);
});
