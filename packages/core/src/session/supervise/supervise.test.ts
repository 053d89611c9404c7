import { expect, test } from "vitest";
import { SupervisedSession } from "../../../test/supervised-session.ts";
import type { VirtualProcess } from "../../../test/virtual-time.ts";
import { supervise } from "./supervise.ts";
import type { SuperviseEnd, SuperviseOptions } from "./supervise.ts";

const minute = 60_000;

interface Running {
  end: SuperviseEnd | undefined;
  error: unknown;
}

function started(session: SupervisedSession, name: string, options: Partial<SuperviseOptions> = {}): Running {
  return startedBy(session, session.time.process(name), options);
}

function startedBy(
  session: SupervisedSession,
  process: VirtualProcess,
  options: Partial<SuperviseOptions> = {},
): Running {
  const running: Running = { end: undefined, error: undefined };
  supervise({
    store: session.storeOf(process),
    backend: session.provider.backend(process),
    session: "s",
    runtime: process.runtime,
    ...options,
  }).then(
    (end) => {
      running.end = end;
    },
    (error: unknown) => {
      running.error = error;
    },
  );
  return running;
}

async function sessionOf(create = {}): Promise<SupervisedSession> {
  const session = new SupervisedSession();
  await session.begin({ fleet: { workers: 3, backend: "fake", spec: { slots: 1 } }, ...create });
  return session;
}

async function finish(session: SupervisedSession, chunks: number): Promise<void> {
  for (let i = 0; i < chunks; i++) await session.done(i);
}

async function leave(session: SupervisedSession): Promise<void> {
  for (const id of session.provider.running) session.provider.end(id, { reason: "done", code: 0 });
  await session.time.pass(5000);
}

test("launches the session's own wish before anything is submitted, and ends when all is done and nobody is left", async () => {
  const session = await sessionOf();
  const running = started(session, "daemon");
  await session.time.pass(1000);
  expect(session.provider.launches).toMatchObject([{ slots: [0, 1, 2], spec: { slots: 1 } }]);
  await session.submit("theirs", 3);
  await session.time.pass(minute);
  await finish(session, 3);
  await session.time.pass(10_000);
  expect(running.end).toBeUndefined();
  await leave(session);
  expect(running.end).toBe("over");
  const [word] = session.under(`${session.keys.gones}client.`);
  expect(session.read(word ?? "")).toMatchObject({ reason: "over" });
});

test.each(["done", "removed"])("stops who has not left long after all is %s, and then ends", async (how) => {
  const session = await sessionOf();
  const running = started(session, "daemon");
  await session.submit("theirs", 3);
  await session.time.pass(minute);
  if (how === "done") await finish(session, 3);
  else await session.append({ op: "remove" });
  const { linger, ttl } = (await session.ledger()).session;
  await session.time.pass(linger + ttl);
  expect(session.provider.running).toHaveLength(3);
  await session.time.pass(4 * ttl);
  expect(session.provider.running).toEqual([]);
  expect(running.end).toBe("over");
});

test("ends when the session is removed and nobody is left", async () => {
  const session = await sessionOf();
  const running = started(session, "daemon");
  await session.submit("theirs", 3);
  await session.time.pass(1000);
  await session.append({ op: "remove" });
  await session.time.pass(5000);
  expect(running.end).toBeUndefined();
  await leave(session);
  expect(running.end).toBe("over");
});

test("says nothing more of a session that was deleted while it was frozen, and starts nothing there", async () => {
  const session = await sessionOf();
  const process = session.time.process("daemon");
  const running = startedBy(session, process);
  await session.submit("theirs", 3);
  await session.time.pass(minute);
  process.state = "frozen";
  await session.append({ op: "remove" });
  for (const id of session.provider.running) session.provider.end(id, { reason: "stopped" });
  await session.time.pass(minute);
  const left = () => session.under(session.keys.root).filter((key) => !key.startsWith(session.keys.manifests));
  await session.store.delete(left());
  process.thaw();
  await session.time.pass(minute);
  expect(running.end).toBe("over");
  expect(session.provider.launches).toHaveLength(1);
  expect(left()).toEqual([]);
});

test("one that stands by when the session is removed does not take the place of who has left", async () => {
  const session = await sessionOf();
  const first = started(session, "first");
  await session.submit("theirs", 3);
  await session.time.pass(1000);
  const second = started(session, "second");
  await session.time.pass(minute);
  await session.append({ op: "remove" });
  await leave(session);
  await session.time.pass(minute);
  expect([first.end, second.end]).toEqual(["over", "over"]);
  expect(session.under(session.keys.supervisors)).toHaveLength(1);
});

test("of who removes a session its last word is the last thing that it hears", async () => {
  const session = await sessionOf();
  const running = started(session, "daemon");
  await session.submit("theirs", 3);
  for (const slot of [0, 1, 2]) await session.born(0, slot);
  await session.time.pass(1000);
  await session.append({ op: "remove" });
  await session.time.pass(5000);
  session.store.operations.length = 0;
  for (const id of session.provider.running) session.provider.end(id, { reason: "stopped" });
  await session.time.pass(minute);
  expect(running.end).toBe("over");
  const written = session.store.operations.filter((operation) => !/^(get|list) /.test(operation));
  expect(written.at(-1)).toMatch(/^create s\/s\/gone\/client\./);
  expect(written.filter((operation) => operation.includes("/gone/0."))).toHaveLength(3);
});

test("rejects when its session is deleted with all of the store, and does not make it again", async () => {
  const session = await sessionOf();
  const running = started(session, "daemon");
  const other = started(session, "other");
  await session.submit("theirs", 3);
  await session.time.pass(minute);
  session.store.objects.clear();
  await session.time.pass(minute);
  for (const { error } of [running, other]) expect(error).toMatchObject({ code: "session" });
  expect([...session.store.objects.keys()]).toEqual([]);
});

test("ends when all that was cancelled has its outcome, for which it starts workers only when nobody else sees to it", async () => {
  const session = await sessionOf();
  await session.submit("theirs", 3);
  await session.append({ op: "cancel", because: "enough" });
  const running = started(session, "daemon");
  await session.time.pass(20_000);
  expect(session.provider.launches).toEqual([]);
  await session.time.pass(minute);
  expect(session.provider.running).toHaveLength(3);
  await finish(session, 3);
  await leave(session);
  expect(running.end).toBe("over");
});

test("waits for a paused session to be resumed, and gives up after a while", async () => {
  const session = await sessionOf();
  const running = started(session, "daemon", { patience: 10 * minute });
  await session.submit("theirs", 3);
  await session.append({ op: "pause", because: "crashes", message: "they crash" });
  await session.time.pass(9 * minute);
  await session.append({ op: "resume" });
  await session.time.pass(10_000);
  expect(session.provider.running).toHaveLength(3);
  await session.append({ op: "pause", because: "crashes", message: "they crash" });
  await session.time.pass(9 * minute);
  expect(running.end).toBeUndefined();
  await session.time.pass(2 * minute);
  expect(running.end).toBe("paused");
});

test("leaves an open session in which nothing is to be done for long, but not one that it has to end", async () => {
  for (const [idleTimeout, isBegun, end] of [
    [undefined, false, "idle"],
    // Nobody could end what nobody has opened.
    [100 * minute, false, "idle"],
    [100 * minute, true, undefined],
  ] as const) {
    const session = await sessionOf(idleTimeout === undefined ? {} : { idleTimeout });
    const running = started(session, "daemon", { patience: 10 * minute });
    await session.time.pass(minute);
    if (isBegun) await session.open("theirs");
    for (const slot of [0, 1, 2]) {
      await session.born(0, slot);
      await session.gone(0, slot, "idle");
    }
    await leave(session);
    await session.time.pass(11 * minute);
    expect(running.end).toBe(end);
    expect(session.provider.launches).toHaveLength(1);
  }
});

test("goes on under another name when the ledger grew while it left", async () => {
  const session = await sessionOf();
  await session.submit("theirs", 1);
  await finish(session, 1);
  let added = false;
  session.store.interference.before = async (operation, key) => {
    if (added || operation !== "create" || !key.startsWith(`${session.keys.gones}client.`)) return;
    added = true;
    await session.append({ op: "retry" });
    await session.submit("more", 2);
  };
  const running = started(session, "daemon");
  await session.time.pass(minute);
  expect(running.end).toBeUndefined();
  expect(session.provider.running).toHaveLength(2);
  expect(session.under(session.keys.supervisors)).toHaveLength(2);
});

test("one of two stands by, takes over, and ends as well when all is over", async () => {
  const session = await sessionOf();
  const stop = new AbortController();
  const first = started(session, "first", { signal: stop.signal });
  await session.submit("theirs", 3);
  await session.time.pass(1000);
  const second = started(session, "second");
  await session.time.pass(minute);
  stop.abort();
  await session.time.pass(5000);
  expect(first.end).toBe("left");
  expect(session.provider.running).toHaveLength(3);
  await session.time.pass(minute);
  expect(session.under(session.keys.supervisors)).toHaveLength(2);
  expect(session.provider.launches).toHaveLength(1);
  await finish(session, 3);
  await leave(session);
  expect(second.end).toBe("over");
});

test("one that only stands by ends when all is over", async () => {
  const session = await sessionOf();
  const attached = await session.client("attached", { epoch: 1 });
  const running = started(session, "daemon");
  await session.submit("theirs", 1);
  await session.time.pass(minute);
  await finish(session, 1);
  await leave(session);
  await session.time.pass(minute);
  expect(attached.supervisor.supervises).toBe(true);
  expect(running.end).toBe("over");
});

test("rejects with why no worker can be started, and says it to others", async () => {
  const session = await sessionOf();
  session.provider.answer = ({ slots }) => ({
    started: [],
    refused: slots.map((slot) => ({ slot, kind: "permission", message: "you may not" })),
  });
  const running = started(session, "daemon");
  await session.submit("theirs", 1);
  await session.time.pass(minute);
  expect(running.error).toMatchObject({ code: "workers" });
  const [word] = session.under(`${session.keys.gones}client.`);
  expect(session.read(word ?? "")).toMatchObject({ reason: "failed" });
});

test("there has to be such a session", async () => {
  const session = new SupervisedSession();
  const running = started(session, "daemon");
  await session.time.pass(minute);
  expect(running.error).toMatchObject({ code: "session" });
});

test("nobody stands in on another backend than the one of the session's workers", async () => {
  const session = await sessionOf({ fleet: { workers: 3, backend: "another", spec: { slots: 1 } } });
  await session.submit("theirs", 3);
  const running = started(session, "daemon", { standsIn: true });
  await session.time.pass(minute);
  expect(running.end).toBe("left");
  expect(session.provider.launches).toEqual([]);
  expect(session.under(session.keys.supervisors)).toEqual([]);
});

test("whoever stands in leaves to who supervises, and says nothing", async () => {
  const session = await sessionOf();
  await session.submit("theirs", 3);
  const first = started(session, "daemon");
  await session.time.pass(minute);
  const second = started(session, "standin", { standsIn: true });
  await session.time.pass(5000);
  expect({ first: first.end, second: second.end }).toEqual({ first: undefined, second: "left" });
  expect(session.under(session.keys.supervisors)).toHaveLength(1);
  expect(session.under(session.keys.gones)).toEqual([]);
});

test("of two that stand in at once, one stays", async () => {
  const session = await sessionOf();
  await session.submit("theirs", 3);
  const both = ["first", "second"].map((name) => started(session, name, { standsIn: true }));
  await session.time.pass(minute);
  expect(both.filter(({ end }) => end === "left")).toHaveLength(1);
  expect(both.filter(({ end }) => end === undefined)).toHaveLength(1);
  expect(session.under(session.keys.supervisors)).toHaveLength(1);
  expect(session.provider.launches).toHaveLength(1);
});
