import type { ContainerInspectInfo } from "dockerode";
import { expect, test } from "vitest";
import { statusOf } from "../src/exit.ts";

const label = { id: "w", sessionId: "s", launch: 0, slot: 0, storeId: undefined };

function ended(state: Partial<ContainerInspectInfo["State"]>, memory = 0) {
  const container = { State: { Status: "exited", ...state }, HostConfig: { Memory: memory }, Created: "" };
  return statusOf(label, container as ContainerInspectInfo, false).exit;
}

test.each([
  [
    { ExitCode: 137, OOMKilled: true },
    { code: 137, reason: "oom", memory: 1024 },
  ],
  // A command of it was killed, and it went on.
  [
    { ExitCode: 0, OOMKilled: true },
    { code: 0, reason: "done" },
  ],
  [
    { ExitCode: 143, OOMKilled: true },
    { code: 143, reason: "stopped" },
  ],
  [
    { ExitCode: 1, OOMKilled: true },
    { code: 1, reason: "error" },
  ],
  [
    { ExitCode: 137, OOMKilled: false },
    { code: 137, reason: "error" },
  ],
] as const)("a container that ended with %o: %o", (state, exit) => {
  expect(ended(state, 1024)).toEqual(exit);
});
