import { expect, test } from "vitest";
import { failed } from "../src/command-outcome.ts";

const command = { argv: ["train"] };
const ended = { started: true, aborted: false, timedOut: false, seconds: 1 };
const limited = { limit: 64 * 2 ** 20, peak: 67_100_000 };

test.each([
  [{ code: 1 }, {}, "user", "train exited with code 1"],
  [{ signal: "SIGKILL" }, undefined, "user", "train was ended by SIGKILL"],
  [{ signal: "SIGKILL" }, {}, "oom", "train was ended by SIGKILL: the system was out of memory"],
  [{ code: 137 }, {}, "oom", "train exited with code 137: the system was out of memory"],
  [{ signal: "SIGKILL", timedOut: true }, {}, "timeout", "train ran longer than its limit"],
  [
    { signal: "SIGKILL" },
    limited,
    "oom",
    "train was ended by SIGKILL: it needed more than the 64 MiB of memory that its worker has (peak 63.9 MiB)",
  ],
  [
    { code: 137 },
    { limit: 3 * 2 ** 29 },
    "oom",
    "train exited with code 137: it needed more than the 1.5 GiB of memory that its worker has",
  ],
] as const)("a command that ended by %o, and a kill of %o: %s", (how, kill, blame, message) => {
  const report = failed(0, command, { ...ended, ...how }, () => kill);
  expect(report).toMatchObject({
    blame,
    error: { name: "CommandError", message, ...(blame === "oom" ? kill : {}) },
  });
});
