import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readCgroup } from "./cgroup.ts";

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** Files as the kernel documents them. */
function cgroup(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "skyburst-cgroup-"));
  roots.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

test("version 2 has one tree of files", () => {
  const root = cgroup({
    "cpu.stat": "usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\nnr_throttled 3\n",
    "cpu.max": "150000 100000\n",
    "memory.max": "1073741824\n",
    "memory.current": "880803840\n",
  });
  expect(readCgroup(root)).toEqual({ busy: 2.5, processors: 1.5, memoryLimit: 2 ** 30, memory: 880_803_840 });
});

test("version 1 has a tree for each kind", () => {
  const root = cgroup({
    "cpuacct/cpuacct.usage": "2500000000\n",
    "cpu/cpu.cfs_quota_us": "200000\n",
    "cpu/cpu.cfs_period_us": "100000\n",
    "memory/memory.limit_in_bytes": "1073741824\n",
    "memory/memory.usage_in_bytes": "880803840\n",
  });
  expect(readCgroup(root)).toEqual({ busy: 2.5, processors: 2, memoryLimit: 2 ** 30, memory: 880_803_840 });
});

test("no limit is none", () => {
  const two = cgroup({ "cpu.stat": "usage_usec 1\n", "cpu.max": "max 100000\n", "memory.max": "max\n" });
  expect(readCgroup(two)).toMatchObject({ processors: undefined, memoryLimit: undefined });
  const one = cgroup({
    "cpuacct/cpuacct.usage": "1\n",
    "cpu/cpu.cfs_quota_us": "-1\n",
    "cpu/cpu.cfs_period_us": "100000\n",
    "memory/memory.limit_in_bytes": "9223372036854771712\n",
  });
  expect(readCgroup(one)).toMatchObject({ processors: undefined, memoryLimit: undefined });
});

test("where the kernel has no control groups, nothing is known", () => {
  const nothing = { busy: undefined, processors: undefined, memoryLimit: undefined, memory: undefined };
  expect(readCgroup(cgroup({}))).toEqual(nothing);
});
