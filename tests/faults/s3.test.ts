import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { open, type Session } from "@skyburst/core";
import { type Fault, type FaultyProxy, type S3Engine, unavailable } from "@skyburst/engines";
import { s3 } from "@skyburst/state-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { s3Place, type S3Place } from "./s3-place.ts";
import { allEnded, collectAll, eventually, filesIn, linesOf, temporaryDirectory } from "./session-under-test.ts";
import { gated, large, square } from "./tasks.ts";

const missing = await unavailable("versitygw");

describe.skipIf(missing)(`a session on a real S3 server${missing ? `: ${missing}` : ""}`, () => {
  const backend = local();
  let place: S3Place;
  let server: S3Engine;
  let proxy: FaultyProxy;
  let session: Session | undefined;
  let scratch: string;

  beforeAll(async () => {
    place = await s3Place();
    ({ server, proxy } = place);
  });
  afterAll(() => place?.stop());
  beforeEach(() => {
    scratch = temporaryDirectory();
  });
  afterEach(async () => {
    proxy.rule = () => undefined;
    await session?.close();
    if (session) await allEnded(backend, session.id);
    session = undefined;
  });

  /** In a hurry, as nobody is on S3: times there are told by the second, and a lease lives for some of them. */
  const pace = { ttl: 5000, commitInterval: 200, poll: [20, 300] } as const;
  const storeAt = (endpoint: string) => s3({ bucket: place.bucket, endpoint, pace });

  /** A session whose client and workers ask the server, or the proxy before it. */
  async function openAt(endpoint: string): Promise<Session> {
    session = await open({ store: storeAt(endpoint), backend, workers: 2, spec: { slots: 1 }, linger: 2000 });
    return session;
  }

  /** Ends the session and checks all that it left: every task has its one outcome. */
  async function end(tasks: number): Promise<void> {
    if (session === undefined) throw new Error("No session was opened.");
    proxy.rule = () => undefined;
    const { id } = session;
    await session.close();
    await allEnded(backend, id);
    session = undefined;
    expect((await checkSession(storeAt(server.endpoint), id)).size).toBe(tasks);
  }

  /** Requests that are turned away, by client and workers. */
  const STORM = 20;
  const scenes = (count: number, gate: (n: number) => number) =>
    Array.from({ length: count }, (_, n) => ({ scratch, n: gate(n) }));
  const openGate = (n: number) => writeFileSync(join(scratch, `gate-${n}`), "");
  const runs = () => filesIn(scratch).filter((name) => name.startsWith("runs-")).length;

  test("the server is killed and restarted twice while a map runs", async () => {
    const { map } = await openAt(server.endpoint).then((it) => ({ map: it.map.bind(it) }));
    const collecting = collectAll(
      map(
        gated,
        scenes(60, (n) => (n < 20 ? 0 : n < 40 ? 1 : 2)),
      ),
    );
    for (const [gate, seen] of [
      [0, 1],
      [1, 21],
    ] as const) {
      await eventually(`${seen} runs`, () => runs() >= seen);
      await server.kill();
      openGate(gate);
      await server.start();
    }
    openGate(2);
    const outcomes = await collecting;
    expect(outcomes.map(({ status, index, attempts }) => [status, index, attempts])).toEqual(
      Array.from({ length: 60 }, (_, n) => ["succeeded", n, 1]),
    );
    await end(60);
  });

  test("a storm of 503 in the middle of a map", async () => {
    const it = await openAt(proxy.endpoint);
    const collecting = collectAll(
      it.map(
        gated,
        scenes(40, (n) => Number(n >= 4)),
      ),
    );
    openGate(1);
    await eventually("A running task", () => runs() > 0);
    let refused = 0;
    proxy.rule = () => (refused++ < STORM ? { status: 503, code: "SlowDown" } : undefined);
    openGate(0);
    const outcomes = await collecting;
    expect(outcomes.map(({ status, index }) => [status, index])).toEqual(
      Array.from({ length: 40 }, (_, n) => ["succeeded", n]),
    );
    expect(refused).toBeGreaterThan(STORM);
    await end(40);
  });

  test("a network that loses every 5th answer, breaks every 7th connection and is late with every 11th write", async () => {
    const it = await openAt(proxy.endpoint);
    proxy.rule = ({ method, count }): Fault | undefined => {
      if (count % 5 === 0) return "lost";
      if (count % 7 === 0) return "reset";
      return method === "PUT" && count % 11 === 0 ? { late: 50 } : undefined;
    };
    const inputs = Array.from({ length: 2000 }, (_, n) => n);
    expect(await it.map(square, inputs).values()).toEqual(inputs.map((n) => n * n));
    const sizes = [10, 300_000, 9_000_000];
    expect((await it.map(large, sizes).values()).map(({ length }) => length)).toEqual(sizes);
    await end(2003);
  });

  test("half a second of latency on every request", async () => {
    proxy.rule = () => ({ delay: 500 });
    const it = await openAt(proxy.endpoint);
    const inputs = Array.from({ length: 50 }, (_, n) => n);
    expect(await it.map(square, inputs).values()).toEqual(inputs.map((n) => n * n));
    await end(50);
  });

  test("a worker killed with SIGKILL: its tasks run elsewhere, once each in the end", async () => {
    const it = await openAt(server.endpoint);
    const collecting = collectAll(
      it.map(
        gated,
        scenes(30, (n) => Number(n >= 2)),
      ),
    );
    openGate(1);
    const pid = await eventually("A running task", () => linesOf(join(scratch, "runs-0"))[0]);
    process.kill(Number(pid), "SIGKILL");
    await eventually("Its second run", () => linesOf(join(scratch, "runs-0")).length > 1);
    openGate(0);
    const outcomes = await collecting;
    expect(outcomes.map(({ status, index }) => [status, index])).toEqual(
      Array.from({ length: 30 }, (_, n) => ["succeeded", n]),
    );
    await end(30);
  });
});
