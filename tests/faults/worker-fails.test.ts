import { existsSync } from "node:fs";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import type { Outcome } from "@skyburst/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { temporaryDirectory } from "./session-under-test.ts";
import { open as refusesOnce } from "./stores/refuses-once.ts";

beforeEach(() => {
  vi.stubEnv("XDG_CACHE_HOME", temporaryDirectory());
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test("what a worker kills as it fails is nobody's outcome: another worker runs it again", async () => {
  const place = temporaryDirectory();
  const mark = join(place, "refused");
  const store = refusesOnce({ path: join(place, "objects"), mark });
  await using session = await open({ backend: local(), store, workers: 1, spec: { slots: 1 } });
  const script = `test -f ${place}/begun && exit 0; touch ${place}/begun; head -c 3000000 /dev/zero; sleep 1000`;
  const task = { kind: "command", name: "sh", argv: ["sh", "-c", script], substitute: false } as const;
  const outcomes: Outcome<unknown>[] = [];
  for await (const { lines } of session.lines(task, { segments: one(), gather: 1, count: 1 }))
    outcomes.push(JSON.parse(Buffer.from(lines).toString()) as Outcome<unknown>);
  expect(existsSync(mark)).toBe(true);
  expect(outcomes).toMatchObject([{ status: "succeeded", attempts: 1 }]);
});

async function* one() {
  yield { count: 1, rich: [], lines: Buffer.from("null\n") };
}
