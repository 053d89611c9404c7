import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { facts as factsOf, readLedger, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import { local } from "@skyburst/backend-local";
import { directory } from "@skyburst/state-fs";
import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { programArguments } from "./run-program.ts";
import {
  allEnded,
  collectAll,
  eventually,
  filesIn,
  linesOf,
  openSession,
  temporaryDirectory,
} from "./session-under-test.ts";
import { gated, square, stubborn } from "./tasks.ts";

/** Processes in which tasks run, as the tasks themselves said. */
function pidsIn(scratch: string): number[] {
  const runs = filesIn(scratch).filter((name) => name.startsWith("runs-"));
  return [...new Set(runs.flatMap((name) => linesOf(join(scratch, name)).map(Number)))];
}

for (const workers of [2, 1]) {
  test(`a worker killed in the middle of a map: its work is done by others (${workers})`, async () => {
    // A TTL that is longer than the test may take: only the exit report can free the leases in time.
    const { session, scratch, end } = await openSession({ workers, ttl: 600_000 });
    const inputs = Array.from({ length: 40 }, (_, n) => ({ scratch, n: n < 4 ? 0 : 1 }));
    writeFileSync(join(scratch, "gate-1"), "");
    const collecting = collectAll(session.map(gated, inputs));
    const [victim = 0] = await eventually("A running task", () =>
      pidsIn(scratch).length >= workers ? pidsIn(scratch) : undefined,
    );
    process.kill(victim, "SIGKILL");
    await eventually("Another worker", () => pidsIn(scratch).some((pid) => pid !== victim));
    writeFileSync(join(scratch, "gate-0"), "");
    const outcomes = await collecting;
    expect(outcomes.map(({ status, index, attempts }) => [status, index, attempts])).toEqual(
      inputs.map((_, n) => ["succeeded", n, 1]),
    );
    expect((await end()).size).toBe(40);
  });
}

test("a worker frozen for longer than its TTL loses its late commit to the one that took over", async () => {
  const { session, scratch, end } = await openSession({ ttl: 1000 });
  const inputs = Array.from({ length: 12 }, (_, n) => ({ scratch, n }));
  for (const { n } of inputs.slice(2)) writeFileSync(join(scratch, `gate-${n}`), "");
  const collecting = collectAll(session.map(gated, inputs));
  const first = await eventually("The first task", () => linesOf(join(scratch, "runs-0"))[0]);
  process.kill(Number(first), "SIGSTOP");
  writeFileSync(join(scratch, "gate-1"), "");
  await eventually("A takeover of the first task", () => linesOf(join(scratch, "runs-0")).length > 1);
  writeFileSync(join(scratch, "gate-0"), "");
  const outcomes = await collecting;
  process.kill(Number(first), "SIGCONT");
  expect(outcomes.map(({ status, index }) => [status, index])).toEqual(inputs.map(({ n }) => ["succeeded", n]));
  expect(await session.map(square, [5, 6, 7, 8]).values()).toEqual([25, 36, 49, 64]);
  expect((await end()).size).toBe(16);
});

test("SIGTERM lets a worker finish what runs, carries the rest over, and ends it with 0", async () => {
  const { session, backend, scratch, end } = await openSession({ workers: 1 });
  const inputs = Array.from({ length: 30 }, (_, n) => ({ scratch, n: n === 0 ? 0 : 1 }));
  writeFileSync(join(scratch, "gate-1"), "");
  const collecting = collectAll(session.map(gated, inputs));
  const pid = Number(await eventually("The first task", () => linesOf(join(scratch, "runs-0"))[0]));
  process.kill(pid, "SIGTERM");
  await eventually("Word that it leaves", async () => (await backend.list(session.id)).length === 1);
  writeFileSync(join(scratch, "gate-0"), "");
  const outcomes = await collecting;
  expect(outcomes.every(({ status, attempts }) => status === "succeeded" && attempts === 1)).toBe(true);
  const exits = (await backend.list(session.id))
    .filter(({ state }) => state === "exited")
    .map(({ exit }) => exit?.code);
  expect(exits[0]).toBe(0);
  for (let n = 0; n < 30; n++) expect(linesOf(join(scratch, `runs-${n}`))).toHaveLength(1);
  await end();
});

test("a task that ignores SIGTERM runs again elsewhere, at the same attempt", async () => {
  const { session, backend, scratch, end } = await openSession({ workers: 1 });
  const collecting = collectAll(session.map(stubborn, [{ scratch, n: 0 }]));
  await eventually("The task", () => linesOf(join(scratch, "runs-0"))[0]);
  // With its own grace time after the worker's, the provider would kill the worker before it has left in order.
  await backend.stop((await backend.list(session.id)).map(({ id }) => id));
  await eventually("Its second run", () => linesOf(join(scratch, "runs-0")).length > 1);
  writeFileSync(join(scratch, "gate-0"), "");
  expect(await collecting).toMatchObject([{ status: "succeeded", value: 0, attempts: 1 }]);
  expect((await backend.list(session.id)).find(({ exit }) => exit)?.exit?.code).toBe(0);
  await end();
});

test("a client killed with SIGKILL leaves a session that workers finish and anybody reads", async () => {
  const [store, scratch] = [temporaryDirectory(), temporaryDirectory()];
  const client = spawn(process.execPath, programArguments("client", store, scratch, "200"), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = (await once(client.stdout, "data")) as [Buffer];
  const id = said.toString().trim();
  await eventually("A running task", () => linesOf(join(scratch, "runs-0")).length > 0);
  client.kill("SIGKILL");
  await once(client, "exit");
  writeFileSync(join(scratch, "gate-0"), "");
  const facts = factsOf(directory(store), systemRuntime);
  expect((await readLedger(facts, sessionKeys(id)))?.tasks).toBe(200);
  await allEnded(local(), id);
  const outcomes = await checkSession(store, id);
  expect([...outcomes.values()].filter(({ status }) => status === "succeeded")).toHaveLength(200);
});
