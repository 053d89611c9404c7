import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { controlGroup } from "../../src/memory/control-group.ts";
import { MemoryKills } from "../../src/memory/memory-kills.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "skyburst-groups-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function system(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const events = (kills: number) => `low 0\nhigh 0\nmax 17\noom 2\noom_kill ${kills}\noom_group_kill 0\n`;
const control = (kills: number) => `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}\n`;
const v1 = (path: string) => `12:cpu,cpuacct:/else\n4:memory:${path}\n1:name=systemd:/else\n0::/\n`;

const told = () => {
  const group = controlGroup(root);
  return group && { limit: group.limit, peak: group.peak(), kills: group.kills() };
};

test("version 2, in a container: its own group is the root", () => {
  system({
    "proc/self/cgroup": "0::/\n",
    "sys/fs/cgroup/memory.max": "67108864\n",
    "sys/fs/cgroup/memory.peak": "67100000\n",
    "sys/fs/cgroup/memory.events": events(1),
  });
  expect(told()).toEqual({ limit: 67_108_864, peak: 67_100_000, kills: 1 });
});

test("version 2, on a machine: the group that the process is in", () => {
  system({
    "proc/self/cgroup": "0::/user.slice/job.service\n",
    "sys/fs/cgroup/user.slice/job.service/memory.max": "max\n",
    "sys/fs/cgroup/user.slice/job.service/memory.events": events(0),
  });
  expect(told()).toEqual({ limit: undefined, peak: undefined, kills: 0 });
});

test("version 1, in a container: its group is the root, and is told by the machine's path", () => {
  system({
    "proc/self/cgroup": v1("/docker/0123"),
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "67108864\n",
    "sys/fs/cgroup/memory/memory.max_usage_in_bytes": "67108864\n",
    "sys/fs/cgroup/memory/memory.oom_control": control(3),
  });
  expect(told()).toEqual({ limit: 67_108_864, peak: 67_108_864, kills: 3 });
});

test("version 1, on a machine, beside version 2 that has no memory of its own", () => {
  system({
    "proc/self/cgroup": v1("/job"),
    "sys/fs/cgroup/unified/cgroup.procs": "",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "1\n",
    "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "9223372036854771712\n",
    "sys/fs/cgroup/memory/job/memory.max_usage_in_bytes": "12\n",
    "sys/fs/cgroup/memory/job/memory.oom_control": control(0),
  });
  expect(told()).toEqual({ limit: undefined, peak: 12, kills: 0 });
});

test("a system without groups tells nothing", () => {
  expect(told()).toBeUndefined();
});

test("each kill is taken for one command, with what it had", () => {
  const file = "sys/fs/cgroup/memory.events";
  system({
    "proc/self/cgroup": "0::/\n",
    "sys/fs/cgroup/memory.max": "67108864\n",
    "sys/fs/cgroup/memory.peak": "67100000\n",
    [file]: events(3),
  });
  const kills = new MemoryKills(controlGroup(root));
  expect(kills.take()).toBeUndefined();
  system({ [file]: events(5) });
  const kill = { limit: 67_108_864, peak: 67_100_000 };
  expect([kills.take(), kills.take(), kills.take()]).toEqual([kill, kill, undefined]);
});

test("this machine tells of none that did not happen", () => {
  expect(new MemoryKills().take()).toBeUndefined();
});
