import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { attachSession, open, type OpenOptions, type Session, type StateStore } from "@skyburst/core";
import {
  facts as factsOf,
  listAll,
  logFrames,
  type LogPiece,
  sessionKeys,
  systemRuntime,
} from "@skyburst/core/protocol";
import { unavailable } from "@skyburst/engines";
import { directory } from "@skyburst/state-fs";
import { s3 } from "@skyburst/state-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { flooding, floodLine, holding, peak, speaking, speechless } from "./log-tasks.ts";
import { s3Place, type S3Place } from "./s3-place.ts";
import { readSessionObjects } from "./session-objects.ts";
import { allEnded, collectAll, eventually, filesIn, linesOf, temporaryDirectory } from "./session-under-test.ts";
import { printing } from "./tasks.ts";

const missing = await unavailable("versitygw");
const backend = local();

let place: S3Place | undefined;

beforeAll(async () => {
  if (missing === undefined) place = await s3Place();
});
afterAll(() => place?.stop());

const stores = [
  ["a directory", () => directory(temporaryDirectory())],
  ["S3", hurriedS3],
] as const;

describe.each(stores)("logs on %s", (name, storeOf) => {
  const skips = name === "S3" && missing !== undefined;
  let store: StateStore;
  let session: Session;
  let scratch: string;

  beforeEach(() => {
    if (skips) return;
    store = storeOf();
    scratch = temporaryDirectory();
  });
  afterEach(async () => {
    if (skips) return;
    if (place) place.proxy.rule = () => undefined;
    await session.close();
    await allEnded(backend, session.id);
  });

  async function start(options: Partial<OpenOptions> = {}): Promise<Session> {
    session = await open({ store, backend, workers: 1, spec: { slots: 1 }, linger: 2000, ...options });
    return session;
  }

  /** Closes the session and checks all of its objects. */
  async function end(): Promise<void> {
    if (place) place.proxy.rule = () => undefined;
    await session.close();
    await allEnded(backend, session.id);
    await checkSession(store, session.id);
  }

  const reader = async (task?: number) => (await attachSession(store, session.id)).logs(task);

  /** What was printed, by task, turn, epoch and attempt. */
  async function texts(pieces: AsyncIterable<LogPiece>): Promise<Record<string, string>> {
    const all: Record<string, string> = {};
    for await (const piece of pieces) {
      const log = `${piece.task}.${piece.t}.${piece.e}.${piece.attempt}`;
      for (const { bytes } of logFrames(await piece.read()))
        all[log] = (all[log] ?? "") + Buffer.from(bytes).toString();
    }
    return all;
  }

  test.skipIf(skips)(
    "a worker killed in the middle of a flood leaves what was stored, beside the next run's",
    async () => {
      const { map } = await start({ workers: 2 });
      const done = map(flooding, [{ scratch, n: 50_000 }]).values();
      const before = await eventually("A stored part of the flood", async () => {
        const found = await texts((await reader()).read());
        return (found["0.0.1.1"] ?? "").length > 1_000_000 && found;
      });
      process.kill(Number(linesOf(join(scratch, "pid"))[0]), "SIGKILL");
      await done;
      const after = await texts((await reader()).read());
      expect(Object.keys(after)).toEqual(["0.0.1.1", "0.0.2.1"]);
      expect(after["0.0.2.1"]).toBe("second\n");
      const flood = after["0.0.1.1"] ?? "";
      expect(flood.startsWith(before["0.0.1.1"] ?? "nothing")).toBe(true);
      expect(
        Array.from({ length: 50_000 }, (_, n) => floodLine(n))
          .join("")
          .startsWith(flood),
      ).toBe(true);
      await end();
    },
  );

  test.skipIf(skips)(
    "a follower is shown what begins later and stands earlier, and further attempts, while they run",
    async () => {
      const { map } = await start();
      const scene = { scratch, n: 0 };
      const done = map(speaking, [scene, scene], { retries: 1, backoff: 1, concurrency: 2 }).values();
      const said: string[] = [];
      const say = async (index: number, attempt: number) => {
        writeFileSync(join(scratch, `say-${index}-${attempt}`), "");
        const text = `${index} at attempt ${attempt}\n`;
        await eventually(`The line ${text}`, () => said.includes(text));
      };
      const following = (async () => {
        for await (const piece of (await reader()).follow())
          for (const { bytes } of logFrames(await piece.read())) said.push(Buffer.from(bytes).toString());
      })();
      await say(1, 1);
      await say(0, 1);
      writeFileSync(join(scratch, "end-1"), "");
      await say(1, 2);
      await say(0, 2);
      writeFileSync(join(scratch, "end-2"), "");
      await done;
      // Nobody has said that no more will come.
      await session.close();
      await following;
      expect(said).toHaveLength(4);
      await end();
    },
  );

  test.skipIf(skips)("a follower is shown what a failed task prints when it is run again", async () => {
    const { map } = await start({ spec: { slots: 2 } });
    // Something else goes on, or the session would have ended.
    const held = map(holding, [{ scratch, n: 0 }]).values();
    await eventually("Its run", () => filesIn(scratch).includes("held"));
    for (const name of ["say-0-1", "end-1"]) writeFileSync(join(scratch, name), "");
    const failing = collectAll(map(speaking, [{ scratch, n: 0 }]));
    const said: string[] = [];
    const following = (async () => {
      for await (const piece of (await reader()).follow()) said.push(Buffer.from(await piece.read()).toString());
    })();
    const [failed] = await failing;
    expect(failed?.status).toBe("failed");
    await eventually("Its line", () => said.length === 1);
    const attached = await attachSession(store, session.id);
    expect(await attached.retryFailed()).toMatchObject({ tasks: 1 });
    await eventually("Its line when it is run again", () => said.length === 2);
    writeFileSync(join(scratch, "gate"), "");
    await held;
    await session.close();
    await following;
  });

  test.skipIf(skips)("what was printed by a task that is given back is stored whole, with its end", async () => {
    const { map } = await start();
    const done = map(flooding, [{ scratch, n: 3 }], { grace: 100 }).values();
    await eventually("A run", () => linesOf(join(scratch, "pid")).length > 0);
    process.kill(Number(linesOf(join(scratch, "pid"))[0]), "SIGTERM");
    await done;
    expect(await texts((await reader()).read())).toEqual({
      "0.0.1.1": [0, 1, 2].map(floodLine).join(""),
      "0.0.2.1": "second\n",
    });
    const { logs } = await readSessionObjects(store, session.id);
    expect([...logs.values()].map(({ id, ended }) => [id.e, ended])).toEqual([[1, true]]);
    await end();
  });

  test.skipIf(skips)("of several submissions, each task's is found by its index in the session", async () => {
    const { map } = await start();
    for (let n = 0; n < 4; n++) await map(printing, [n + 1, n + 2]).values();
    const lines = (count: number) => Array.from({ length: count }, (_, n) => `line ${n}\n`).join("");
    const all = await texts((await reader()).read());
    expect(Object.keys(all).map((log) => Number(log.split(".")[0]))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(Object.values(all).map((text) => text.includes("to stderr\n"))).toEqual(
      Array.from({ length: 8 }, () => true),
    );
    const one = await texts((await reader(5)).read());
    expect(Object.values(one)[0]).toContain(lines(4));
    await end();
  });

  test.skipIf(skips)("of silent tasks, there is no object, and nobody asked who follows", async () => {
    const { map } = await start();
    await map(
      speechless,
      Array.from({ length: 300 }, (_, n) => n),
    ).values();
    await end();
    const facts = factsOf(store, systemRuntime);
    const keys = sessionKeys(session.id);
    for (const prefix of [keys.logs, keys.followers]) expect((await listAll(facts, prefix)).entries).toEqual([]);
    // On a directory there is nobody to see it.
    const asked = place?.proxy.seen.filter(({ path }) => path.includes(`${session.id}/follow/newest`));
    expect(asked ?? []).toEqual([]);
  });

  test.skipIf(skips)(
    "a task that floods costs its worker no memory, however slow the store",
    async () => {
      if (place)
        place.proxy.rule = ({ method, path }) =>
          method === "PUT" && path.includes("/log/") ? { delay: 50 } : undefined;
      const { map, lines } = await start();
      const [quiet = 0] = await map(peak, [0]).values();
      const [flood = 0] = await map(peak, [300_000_000], { logLimit: 250_000_000 }).values();
      const argv = ["sh", "-c", "yes | head -c 300000000"];
      const feed = { segments: one(), gather: 1, count: 1 };
      for await (const part of lines({ kind: "command", name: "sh", argv, substitute: false }, feed, {
        logLimit: 50_000_000,
      }))
        expect(part.count).toBe(1);
      const [after = 0] = await map(peak, [0]).values();
      expect(Math.max(flood, after) - quiet).toBeLessThan(150_000_000);
      await end();
    },
    120_000,
  );
});

describe.skipIf(missing)("logs on S3", () => {
  test("a store that can't be reached for a while is waited for: nothing is lost", async () => {
    const scratch = temporaryDirectory();
    const store = hurriedS3();
    const session = await open({ store, backend, workers: 1, spec: { slots: 1 }, linger: 2000 });
    try {
      let refused = 0;
      if (place)
        place.proxy.rule = ({ method, path }) =>
          method === "PUT" && path.includes("/log/") && refused++ < 12 ? (refused % 2 ? "reset" : "lost") : undefined;
      writeFileSync(join(scratch, "gate"), "");
      await session.map(flooding, [{ scratch, n: 50_000 }]).values();
      expect(refused).toBeGreaterThan(12);
      let text = "";
      for await (const piece of (await attachSession(store, session.id)).logs().read())
        for (const { bytes } of logFrames(await piece.read())) text += Buffer.from(bytes).toString();
      expect(text).toBe(Array.from({ length: 50_000 }, (_, n) => floodLine(n)).join(""));
    } finally {
      if (place) place.proxy.rule = () => undefined;
      await session.close();
      await allEnded(backend, session.id);
    }
  });
});

/** In a hurry, as nobody is on S3: how soon lines are shown there is the benchmark's affair. */
function hurriedS3(): StateStore {
  const pace = { ttl: 5000, commitInterval: 200, poll: [20, 300] } as const;
  return s3({ bucket: place?.bucket ?? "", endpoint: place?.proxy.endpoint, pace });
}

async function* one() {
  yield { count: 1, rich: [], lines: Buffer.from("null\n") };
}
