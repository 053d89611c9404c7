import { existsSync, renameSync } from "node:fs";
import { attachSession } from "@skyburst/core";
import type { StateStore } from "@skyburst/core";
import { faultyProxy, unavailable, versitygw } from "@skyburst/engines";
import type { FaultyProxy, S3Engine } from "@skyburst/engines";
import { directory } from "@skyburst/state-fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { directoryGround, s3Ground } from "./outlive/ground.ts";
import { byApi, byCommand } from "./outlive/hands.ts";
import type { Told } from "./outlive/hands.ts";
import { noneLeft, processesOf } from "./outlive/processes.ts";
import { Stage } from "./outlive/stage.ts";
import { eventually } from "./session-under-test.ts";

const missing = await unavailable("versitygw");
const ways = [
  ["command", byCommand],
  ["API", byApi],
] as const;
const tasks = 12;
/** The gate of a task is its value: the first one ends before all others. */
const gateOf = (task: number) => (task === 0 ? 1 : 0);
const expected = Array.from({ length: tasks }, (_, task) => ({ task, status: "succeeded", value: gateOf(task) }));

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.clear();
  stage = undefined;
});

/** A session whose store is away while its tasks end, and then back: nobody has given up meanwhile. */
async function play(at: Stage, away: (session: string) => Promise<() => void>): Promise<Told[]> {
  stage = at;
  const { hands, ground } = at;
  const session = await hands.submit({ task: "gated", inputs: at.scenes(tasks, gateOf) });
  let hears = false;
  const collecting = hands.collect(session, true, () => (hears = true));
  // Who fails first is told of: behind that, this one has every reason to.
  collecting.catch(ignore);
  await at.running(2);
  at.openGate(1);
  // It has found the store by then, and knows it again.
  await eventually("The first outcome", () => hears);
  await at.running(3);
  const before = processesOf(session);
  const back = await away(session);
  expect(processesOf(session)).toEqual(before);
  back();
  const told = await collecting;
  await noneLeft(session);
  expect((await checkSession(ground.store, session)).size).toBe(tasks);
  return told;
}

test.each(ways)("a directory that is elsewhere for a while, by the %s: all wait, and go on", async (_, way) => {
  const ground = directoryGround();
  const { path } = ground;
  const at = new Stage(ground, way);
  const onlooker = failing(directory(path));
  let looking: Promise<number> | undefined;
  const told = await play(at, async (session) => {
    const { outcomes } = await attachSession(onlooker.store, session);
    looking = countOf(outcomes({ wait: true }));
    looking.catch(ignore);
    renameSync(path, `${path}-elsewhere`);
    at.openGate(0);
    // Each comes later than the one before: the last one after some seconds.
    await eventually("Eight requests in vain", () => onlooker.refused() >= 8);
    expect(existsSync(path)).toBe(false);
    return () => renameSync(`${path}-elsewhere`, path);
  });
  expect(told).toEqual(expected);
  expect(await looking).toBe(tasks);
});

async function countOf(reading: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of reading) count++;
  return count;
}

/** A store that counts the reads that it could not answer. */
function failing(plain: StateStore): { readonly store: StateStore; refused(): number } {
  let refused = 0;
  const get: StateStore["get"] = async (key, options) => {
    try {
      return await plain.get(key, options);
    } catch (error) {
      refused++;
      throw error;
    }
  };
  const store = new Proxy(plain, {
    get(target, name) {
      if (name === "get") return get;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { store, refused: () => refused };
}

describe.skipIf(missing)(`an S3 service that nobody reaches for a while${missing ? `: ${missing}` : ""}`, () => {
  let server: S3Engine;
  let proxy: FaultyProxy;
  beforeAll(async () => {
    server = await versitygw();
    process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
    proxy = await faultyProxy(server.endpoint);
  });
  afterAll(async () => {
    await proxy?.stop();
    await server?.stop();
  });

  test.each(ways)("by the %s: all wait, and go on", async (_, way) => {
    const place = { endpoint: proxy.endpoint, bucket: await server.bucket() };
    const at = new Stage(s3Ground(place, "away"), way);
    const told = await play(at, async () => {
      let refused = 0;
      proxy.rule = () => {
        refused++;
        return "reset";
      };
      at.openGate(0);
      await eventually("A hundred requests in vain", () => refused >= 100);
      return () => {
        proxy.rule = () => undefined;
      };
    });
    expect(told).toEqual(expected);
  });
});

function ignore(): void {
  // Awaited later.
}
