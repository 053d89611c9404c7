import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import type { Backend, MapOptions, OpenOptions, Outcome, WorkerExit, WorkerStatus } from "@skyburst/core";
import { afterEach, expect, test } from "vitest";
import { fated } from "./blame-tasks.ts";
import type { Fate } from "./blame-tasks.ts";
import { feedOf } from "./outlive/feed-of.ts";
import { signal } from "./outlive/processes.ts";
import { collectAll, linesOf, openSession } from "./session-under-test.ts";

/** Where tasks wrote of which processes they ran in. */
const scratches: string[] = [];

/** Frozen workers are found by nobody who only asks them to end. */
afterEach(() => {
  for (const scratch of scratches.splice(0))
    for (const pid of linesOf(join(scratch, "runs-0"))) signal(Number(pid), "SIGKILL");
});

/** What becomes of a task of this fate, beside some that succeed. */
async function outcomeOf(
  runs: Fate["runs"],
  options: MapOptions,
  { others = [[], [], []], ...open }: Partial<OpenOptions> & { readonly others?: readonly Fate["runs"][] } = {},
): Promise<{ readonly outcome: Outcome<number> | undefined; readonly session: string }> {
  const { session, scratch, end } = await openSession({ workers: 1, ...open });
  scratches.push(scratch);
  const inputs = [runs, ...others].map((fate, n) => ({ scratch, n, runs: fate }));
  const outcomes = await collectAll(session.map(fated, inputs, { backoff: 1, ...options }));
  expect(outcomes.slice(1).map(({ status }) => status)).toEqual(others.map(() => "succeeded"));
  for (const pid of linesOf(join(scratch, "runs-0"))) signal(Number(pid), "SIGCONT");
  await end();
  return { outcome: outcomes[0], session: session.id };
}

test("each failure counts against the budget of its blame only", async () => {
  const runs = ["throws", "lingers", "throws"] as const;
  const { outcome } = await outcomeOf(runs, { timeout: 2000, retries: { user: 2, timeout: 1 } });
  expect(outcome).toMatchObject({ status: "succeeded", value: 3, attempts: 4 });
  const { outcome: late } = await outcomeOf(runs, { timeout: 2000, retries: { user: 5 } });
  expect(late).toMatchObject({ status: "failed", blame: "timeout", attempts: 2 });
});

test("a number is the budget of each of the task's own failures", async () => {
  const { outcome } = await outcomeOf(["lingers", "throws"], { timeout: 2000, retries: 1 });
  expect(outcome).toMatchObject({ status: "succeeded", value: 2, attempts: 3 });
});

test("a task that ends its workers is the user's, and its error ends with the command that runs it again", async () => {
  const { outcome, session } = await outcomeOf(["kills", "kills", "kills", "kills"], {});
  expect(outcome).toMatchObject({ status: "failed", blame: "user", attempts: 1 });
  expect(messageOf(outcome)).toMatch(
    new RegExp(`^The task ended its worker 2 times while it ran alone.* skyburst reproduce ${session} --task 0$`),
  );
});

test("a budget for its blame lets it end more of them", async () => {
  const kills = ["kills", "kills", "kills", "kills", "kills"] as const;
  const { outcome } = await outcomeOf(kills, { retries: { user: 3 } });
  expect(outcome).toMatchObject({ status: "succeeded", value: 5 });
});

test("a task whose workers died for want of memory is blamed for that", async () => {
  const backend = saying("oom", local());
  const { outcome } = await outcomeOf(["kills", "kills", "kills", "kills"], {}, { backend });
  expect(outcome).toMatchObject({ status: "failed", blame: "oom" });
  expect(messageOf(outcome)).toContain("took all the memory of its worker, which ended 2 times while it ran alone");
});

test("a spot loss never counts", async () => {
  const backend = saying("spot", local());
  const kills = Array.from({ length: 7 }, () => "kills" as const);
  const { outcome } = await outcomeOf(kills, { retries: { user: 0, oom: 0, lost: 0 } }, { backend });
  expect(outcome).toMatchObject({ status: "succeeded", value: 7, attempts: 1 });
});

test("with no budget for silence, the first silent worker that ran it alone condemns a task", async () => {
  const freezes = Array.from({ length: 5 }, () => "freezes" as const);
  // Others that are busy are there to find who fell silent.
  const others = Array.from({ length: 120 }, () => ["rests"] as const);
  const { outcome } = await outcomeOf(freezes, { retries: { lost: 0 } }, { workers: 5, ttl: 1000, others });
  expect(outcome).toMatchObject({ status: "failed", blame: "lost" });
  expect(messageOf(outcome)).toContain("worker fell silent once while it ran alone");
});

test("a command whose watcher dies is tried three times more by itself", async () => {
  const { session, end } = await openSession({ workers: 1 });
  const command = { kind: "command", name: "sh", argv: ["sh", "-c", "kill -9 $PPID"], substitute: false } as const;
  let line = "";
  for await (const { lines } of session.lines(command, feedOf([null]), { backoff: 1 }))
    line = Buffer.from(lines).toString();
  expect(JSON.parse(line)).toMatchObject({ status: "failed", blame: "infrastructure", attempts: 4 });
  await end();
});

/** A provider that says of each worker that was killed that it ended for this reason. */
function saying(reason: WorkerExit["reason"], backend: Backend): Backend {
  const { watch } = backend;
  const retold = (all: readonly WorkerStatus[]) =>
    all.map((status) => (status.exit?.reason === "error" ? { ...status, exit: { ...status.exit, reason } } : status));
  return {
    ...backend,
    list: async (...given) => retold(await backend.list(...given)),
    async *watch(...given) {
      for await (const all of watch?.(...given) ?? []) yield retold(all);
    },
  };
}

function messageOf(outcome: Outcome<unknown> | undefined): string {
  return outcome?.status === "failed" ? outcome.error.message : "";
}
