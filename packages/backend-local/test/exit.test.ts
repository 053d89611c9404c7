import { expect, test } from "vitest";
import { type Ending, exitOf } from "../src/exit.ts";
import { exited, launched, localStage } from "./local-stage.ts";

const ending = (some: Partial<Ending>): Ending => ({
  code: null,
  signal: null,
  stopped: false,
  output: () => "",
  outOfMemory: () => false,
  ...some,
});

test.each<[reason: string, ending: Partial<Ending>]>([
  ["done", { code: 0 }],
  ["error", { code: 1 }],
  ["error", { signal: "SIGSEGV" }],
  ["error", { signal: "SIGKILL" }],
  ["error", { signal: "SIGABRT" }],
  ["oom", { signal: "SIGKILL", outOfMemory: () => true }],
  [
    "oom",
    {
      signal: "SIGABRT",
      output: () => "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n",
    },
  ],
  ["stopped", { signal: "SIGTERM" }],
  ["stopped", { signal: "SIGHUP" }],
  ["stopped", { code: 0, stopped: true }],
  ["stopped", { signal: "SIGKILL", stopped: true, outOfMemory: () => true }],
])("%s: %o", (reason, some) => {
  expect(exitOf(ending(some)).reason).toBe(reason);
});

test("a worker whose heap is full is told of as out of memory", async () => {
  const stage = localStage();
  const backend = stage.backend();
  const id = await launched(
    backend,
    stage.request(["--do=exhaust-heap"], { spec: { env: { NODE_OPTIONS: "--max-old-space-size=20" } } }),
  );
  expect((await exited(backend, stage.sessionId, id)).exit).toMatchObject({ signal: "SIGABRT", reason: "oom" });
});
