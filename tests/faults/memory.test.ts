import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { runProgram } from "./run-program.ts";
import { temporaryDirectory } from "./session-under-test.ts";

test.each([
  ["in commits", 200_000, 1000],
  ["in blobs", 1_000_000, 200],
])(
  "200 MB of results pass through a client with 100 MB of heap (%s)",
  async (_, size, count) => {
    const store = temporaryDirectory();
    const { session, bytes, memory } = JSON.parse(
      await runProgram("large-results", [store, String(size), String(count)], ["--max-old-space-size=100"]),
    ) as { session: string; bytes: number; memory: number };
    expect(bytes).toBe(size * count);
    expect(memory).toBeLessThan(250e6);
    expect((await checkSession(store, session)).size).toBe(count);
  },
  120_000,
);

test("a client's memory stays flat through hundreds of thousands of inputs", async () => {
  const store = temporaryDirectory();
  const count = 400_000;
  const { seen, sum, peaks } = JSON.parse(await runProgram("many-inputs", [store, String(count)])) as {
    seen: number;
    sum: number;
    peaks: number[];
  };
  expect(seen).toBe(count);
  expect(sum).toBe(Array.from({ length: count }, (_, n) => n * n).reduce((total, n) => (total + n) % 1_000_003, 0));
  const [first = 0, , , last = 0] = peaks;
  // Three times as many inputs later: what grows with them would show.
  expect(last).toBeLessThan(first * 1.5);
}, 120_000);
