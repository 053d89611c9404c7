import { expect, test } from "vitest";
import { MemoryStore, virtualRuntime } from "../../../test/memory-store.ts";
import { PlayedSession } from "../../../test/played-session.ts";

/** Each look at the clock is some milliseconds after the one before: whatever is measured takes its time. */
function slowRuntime() {
  let now = 0;
  return { ...virtualRuntime(), monotonic: () => (now += 5) };
}

/** Most reads that were under way at a time. */
async function mostReads(
  runtime: ReturnType<typeof virtualRuntime>,
  perChunk = 4,
): Promise<{ most: number; told: number[] }> {
  const store = new MemoryStore();
  const session = new PlayedSession(store, runtime);
  await session.create();
  await session.submit("a", 80, perChunk);
  for (let chunk = 0; chunk < 80 / perChunk; chunk++) {
    const turn = await session.claim(chunk, 1);
    while (turn && !(await session.commit(turn, () => "succeeded")));
  }
  let underWay = 0;
  let most = 0;
  store.interference = {
    async before(operation) {
      if (operation !== "get") return;
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
    },
  };
  const told: number[] = [];
  for await (const { task } of (await session.attach()).outcomes()) told.push(task);
  return { most, told };
}

const all = Array.from({ length: 80 }, (_, task) => task);

test("of a store that takes its time several commits are read at a time, and told in order", async () => {
  const { most, told } = await mostReads(slowRuntime());
  expect(told).toEqual(all);
  expect(most).toBeGreaterThanOrEqual(8);
});

test("of one turn that has many parts several are read at a time as well", async () => {
  const { most, told } = await mostReads(slowRuntime(), 80);
  expect(told).toEqual(all);
  expect(most).toBeGreaterThanOrEqual(8);
});

test("of a store that answers at once one commit is read after the other", async () => {
  const { most, told } = await mostReads(virtualRuntime());
  expect(told).toEqual(all);
  expect(most).toBe(1);
});
