import { rmSync } from "node:fs";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { attachSession, gc, removeSession, supervise } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { afterEach, expect, test } from "vitest";
import { Crew } from "./fleet/crew.ts";
import { killAll, noneLeft, signal, workersOf } from "./outlive/processes.ts";
import { eventually, temporaryDirectory } from "./session-under-test.ts";

const kills = 200;

const crews: Crew[] = [];

afterEach(async () => {
  for (const crew of crews.splice(0)) {
    await crew.abandon();
    await killAll(crew.session);
  }
});

/** How a session ends when everybody but its workers was killed. Each leaves nobody. */
const endings: readonly ((path: string, session: string) => Promise<void>)[] = [
  // Nobody comes back: its workers do what is left, and leave.
  () => Promise.resolve(),
  async (path, session) => {
    await removeSession(directory(path), session);
  },
  // One of them is frozen for good: it can't find out that it should leave.
  async (path, session) => {
    const store = directory(path);
    // So many deaths may have paused it, and some tasks may have been alone in two of them.
    await (await attachSession(store, session)).retryFailed();
    const keeping = supervise({ store, backend: local(), session, workers: 3 });
    const ended = keeping.then(() => true);
    const pid = await Promise.race([ended, eventually("A worker", () => workersOf(session)[0])]);
    if (typeof pid === "number") signal(pid, "SIGSTOP");
    await ended;
  },
  // All of it is deleted from the disk.
  async (path, session) => {
    rmSync(join(path, "index", session));
    // Somebody still writes there.
    rmSync(join(path, "s", session), { recursive: true, maxRetries: 100 });
    await eventually("The end of all that the store does not know", async () => {
      for await (const { id, because } of gc(directory(path), { backend: local() }))
        expect([id, because]).toEqual([session, "unknown"]);
      return workersOf(session).length === 0;
    });
  },
];

test(`no worker is left after ${kills} kills of clients, supervisors and workers at random`, async () => {
  const random = chance(20_261_121);
  const path = temporaryDirectory();
  let killed = 0;
  await Promise.all(
    endings.map(async (ending) => {
      const crew = await Crew.begin(path, random);
      crews.push(crew);
      for (let left = kills / endings.length; left > 0;) {
        const hit = await crew.kill();
        killed += hit;
        left -= hit;
      }
      await crew.abandon();
      await ending(path, crew.session);
      await noneLeft(crew.session);
    }),
  );
  expect(killed).toBe(kills);
  const left = (await local().sessions?.()) ?? [];
  expect(left.filter(({ sessionId }) => crews.some(({ session }) => session === sessionId))).toEqual([]);
}, 240_000);

/** The same numbers from 0 to 1 from the same seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
