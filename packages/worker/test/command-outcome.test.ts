import { expect, test } from "vitest";
import { failed } from "../src/command-outcome.ts";
import { MemoryKills } from "../src/memory-kills.ts";

const command = { argv: ["train"] };
const ended = { started: true, aborted: false, timedOut: false, seconds: 1 };

test.each([
  [{ code: 1 }, true, "user", "train exited with code 1"],
  [{ signal: "SIGKILL" }, false, "user", "train was ended by SIGKILL"],
  [{ signal: "SIGKILL" }, true, "oom", "train was ended by SIGKILL: the system was out of memory"],
  [{ code: 137 }, true, "oom", "train exited with code 137: the system was out of memory"],
  [{ signal: "SIGKILL", timedOut: true }, true, "timeout", "train ran longer than its limit"],
] as const)("a command that ended by %o, with memory at its end: %s", (how, outOfMemory, blame, message) => {
  const report = failed(0, command, { ...ended, ...how }, () => outOfMemory);
  expect(report).toMatchObject({ blame, error: { name: "CommandError", message } });
});

test("each kill for want of memory is taken for one command", () => {
  let count = 3;
  const kills = new MemoryKills(() => count);
  expect(kills.take()).toBe(false);
  count += 2;
  expect([kills.take(), kills.take(), kills.take()]).toEqual([true, true, false]);
});

test("this machine tells of none that did not happen", () => {
  expect(new MemoryKills().take()).toBe(false);
});
