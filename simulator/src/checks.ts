import { facts as factsOf, sessionKeys, wholeLines } from "../../packages/core/src/protocol/index.ts";
import type { Facts, OutcomeLine } from "../../packages/core/src/protocol/index.ts";
import { collect } from "../../packages/core/src/session/collect/collector.ts";
import { LedgerView } from "../../packages/core/src/session/ledger-view.ts";
import { readLedger } from "../../packages/core/src/protocol/read-ledger.ts";
import { readStatus } from "../../packages/core/src/session/status/status.ts";
import type { ClientRun } from "./client.ts";
import type { Collected } from "./collect.ts";
import { SessionLogs } from "../../packages/core/src/session/logs/session-logs.ts";
import { LogCheck } from "./spectator.ts";
import { SimStore } from "./store.ts";
import { mayEndAs } from "./hunger.ts";
import { destinyOf } from "./faults-of-tasks.ts";
import type { Destiny } from "./faults-of-tasks.ts";
import { deathOf, inputsPerSubmission, taskPlan, valueOf } from "./tasks.ts";
import type { TaskPlan } from "./tasks.ts";
import { isRefused } from "./refusals.ts";
import type { Scenario } from "./scenario/scenario.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

/** What a task's plan says must come of it, whatever happens around it. */
export function checkOutcomes(world: World, witness: Witness): void {
  const { ledger, outcomes, unheard } = witness;
  if (!ledger) return;
  const { scenario } = world;
  const { faults, mix } = scenario;
  const dangerous =
    faults.crashes + faults.freezes + faults.kills + faults.falseExits + faults.spot + mix.poison + mix.shaky > 0;
  const deadly = dangerous || (scenario.memory?.killing ?? 0) > 0;
  for (const row of ledger.segments) {
    const submission = ledger.submissions[row.submission];
    if (!submission) continue;
    for (let n = 0; n < row.count; n++) {
      const outcome = outcomes.get(row.task + n);
      if (!outcome || outcome.line.status === "cancelled") continue;
      const input = world.placeOf(submission.id) * inputsPerSubmission + row.index + n;
      const plan = taskPlan(scenario, input);
      const dead = plan.kind === "poison" || plan.ms > (submission.options.timeout ?? Number.POSITIVE_INFINITY);
      // What fails while something is broken may have run before that was mended, or after.
      if (!dead && plan.mended < Number.POSITIVE_INFINITY) continue;
      if (plan.kind === "poison" && isLost(outcome.line)) checkBlame(world, row.task + n, input, outcome.line);
      if (plan.hunger && scenario.memory && !dead) {
        const doubts = { dangerous, unheard: unheard.has(witness.firstTaskOf(outcome.key) ?? -1) };
        if (!mayEndAs(outcome.line, plan.hunger, submission.options, scenario.memory, doubts))
          world.violated(
            `Task ${row.task + n} wants ${plan.hunger.wants} of memory, and ${outcome.key} says ${outcome.text.slice(0, 300)}`,
          );
        continue;
      }
      const destiny = destinyOf(plan, submission.options);
      const met = isLost(outcome.line) ? deadly : meets(outcome.line, plan, destiny);
      if (!met)
        world.violated(
          `Task ${row.task + n} should have ${JSON.stringify(destiny)}, and ${outcome.key} says ${outcome.text.slice(0, 300)}`,
        );
    }
  }
}

/** Where nothing but such tasks ends workers, they are blamed for what they did, or for what nobody was told of. */
function checkBlame(world: World, task: number, input: number, line: OutcomeLine): void {
  const { crashes, freezes, kills, falseExits, spot, storms } = world.scenario.faults;
  const killing = world.scenario.memory?.killing ?? 0;
  if (crashes + freezes + kills + falseExits + spot + storms + world.scenario.mix.shaky + killing > 0) return;
  const blame = line.status === "failed" ? line.blame : undefined;
  if (blame !== deathOf(input) && blame !== "lost")
    world.violated(`Task ${task} ends its workers by ${deathOf(input)}, and ${blame} is blamed`);
}

function meets(line: OutcomeLine, { kind }: TaskPlan, { status, attempts, blame }: Destiny): boolean {
  if (kind === "poison" && status === "succeeded") return line.status === "failed";
  return line.status === status && line.attempts === attempts && (line.status !== "failed" || line.blame === blame);
}

function isLost(line: OutcomeLine): boolean {
  return line.status === "failed" && (line.error as { name?: string }).name === "WorkerLostError";
}

/** What the client's consumers got while all of that happened. */
export function checkCollected(world: World, witness: Witness, run: ClientRun): void {
  const { ledger } = witness;
  for (const collected of run.collected) {
    const { n } = collected;
    const place = ledger?.submissions.findIndex(({ id }) => world.placeOf(id) === n) ?? -1;
    const first = ledger?.segments.find((row) => row.submission === place);
    const seen = new Set<number>();
    for (const line of collected.lines) {
      const { task, index } = JSON.parse(line) as OutcomeLine;
      if (seen.has(index)) world.violated(`Submission ${n} was given index ${index} twice.`);
      if (collected.plan.ordered && index !== seen.size)
        world.violated(`Submission ${n} was given index ${index} in place of ${seen.size}.`);
      if (!witness.wasTold(task, line))
        world.violated(
          `Submission ${n} was given another outcome of task ${task} than the store holds: ${line.slice(0, 200)}`,
        );
      seen.add(index);
    }
    if (collected.end === "whole" && seen.size !== collected.plan.tasks)
      world.violated(`Submission ${n} of ${collected.plan.tasks} tasks ended well after ${seen.size} outcomes.`);
    if (collected.end === "whole" && first === undefined && collected.plan.tasks > 0)
      world.violated(`Submission ${n} ended well and the ledger has none of it.`);
    if (collected.end === "failed") judgeFailure(world, n, collected, witness);
  }
}

/** A client may give up only for a reason. */
function judgeFailure(world: World, n: number, { error, plan, endedAt = 0 }: Collected, witness: Witness): void {
  const { ledger, paused } = witness;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (ledger?.removed && isRefused(error, witness)) return;
  if (text.includes("is paused") && paused && world.scenario.budget !== undefined) return;
  const deadly = isDeadly(world.scenario);
  if (
    text.includes("is paused") &&
    paused &&
    (deadly || world.scenario.acts.some(({ act }) => act === "deadline" || act === "overdue"))
  )
    return;
  if (endsBeforeWork(world, error)) return;
  if (isAlone(error, witness, endedAt)) return;
  const ended =
    ledger?.cancelled === true ||
    ledger?.submissions.some((submission) => submission.ended && world.placeOf(submission.id) === n);
  if (
    /ended or cancelled/.test(text) &&
    ended &&
    (world.scenario.acts.length > 0 || world.scenario.idleTimeout !== undefined)
  )
    return;
  if (text.includes("was closed") && endOf(world, plan.client) === "detach") return;
  world.violated(`Submission ${n} fails: ${error instanceof Error ? error.stack : text}`);
}

/** Nobody ever came to work, as somebody says at that moment. */
export function isAlone(error: unknown, { firstBirth = Number.POSITIVE_INFINITY }: Witness, at: number): boolean {
  return String(error).includes("No worker came to work") && firstBirth > at - hearing;
}

/** Milliseconds until somebody has heard that a worker was born. */
const hearing = 60_000;

/** Workers die young where something kills them. */
export function endsBeforeWork({ scenario }: World, error: unknown): boolean {
  return String(error).includes("end before they work") && isDeadly(scenario);
}

function isDeadly({ faults, mix, memory }: Scenario): boolean {
  if ((memory?.killing ?? 0) > 0) return true;
  return faults.crashes + faults.kills + faults.stillborn + faults.falseExits + mix.poison + mix.shaky > 0;
}

function endOf({ scenario }: World, client: number): string | undefined {
  return client === 0 ? scenario.client.ends : scenario.joiners[client - 1]?.ends;
}

/** A value that is in a blob is put back into its line. @param first Number of the submission's first input. */
async function checkWhole(world: World, facts: Facts, lines: Uint8Array, first: number): Promise<void> {
  for await (const line of wholeLines(facts, lines)) {
    const outcome = JSON.parse(new TextDecoder().decode(line)) as OutcomeLine;
    if (outcome.status !== "succeeded") continue;
    const input = first + outcome.index;
    const isEmpty = taskPlan(world.scenario, input).kind === "empty";
    if (isEmpty ? "value" in outcome : Number(outcome.value) !== valueOf(input))
      world.violated(`A later reader was given another value of index ${outcome.index}: ${line.length} bytes`);
  }
}

/** A reader of another process, when all is over: each outcome once, in order, and counts that are right. */
export async function readAgain(world: World, session: string, witness: Witness): Promise<void> {
  const { outcomes, ledger, logs: witnessed } = witness;
  if (!ledger) return;
  const process = world.process("reader");
  const { runtime } = process;
  const facts = factsOf(new SimStore(world, process), runtime);
  const keys = sessionKeys(session);
  const read = await readLedger(facts, keys);
  if (!read) return world.violated("The session can't be read any more.");
  if (JSON.stringify(read) !== JSON.stringify(ledger))
    world.violated("Two readers fold the ledger to different things.");
  const view = new LedgerView(facts, keys, read);
  for (const submission of read.submissions) {
    let index = 0;
    for await (const { lines, blobs } of collect({
      facts,
      keys,
      runtime,
      view,
      submission: submission.id,
      ordered: true,
      wait: false,
    })) {
      if (blobs) await checkWhole(world, facts, lines, world.placeOf(submission.id) * inputsPerSubmission);
      for (const line of new TextDecoder().decode(lines).split("\n").slice(0, -1)) {
        const outcome = JSON.parse(line) as OutcomeLine;
        if (outcome.index !== index || !witness.wasTold(outcome.task, line))
          world.violated(
            `A later reader of ${submission.id} got index ${outcome.index} in place of ${index}: ${line.slice(0, 200)}`,
          );
        index++;
      }
    }
    if (witness.finished && index !== submission.tasks)
      world.violated(`A later reader of ${submission.id} got ${index} of ${submission.tasks} outcomes.`);
  }
  const logs = new SessionLogs({ facts, keys, runtime, view, client: "reader" });
  const bytes = new LogCheck(world, { keys, logs: witnessed } as Witness, "A later reader");
  for await (const piece of logs.read()) await bytes.add(piece);
  if (witness.finished) bytes.end(ledger.segments.length);
  const status = await readStatus(facts, keys, view);
  // In a session that is paused some may wait for their retry.
  const { restarted } = witness;
  const kept = [...outcomes].filter(([task]) => !restarted.has(task)).map(([, { line }]) => line.status);
  const count = (wanted: OutcomeLine["status"]) => kept.filter((is) => is === wanted).length;
  const told = [status.tasks, status.succeeded, status.failed, status.cancelled];
  const counted = [ledger.tasks, count("succeeded"), count("failed"), count("cancelled")];
  if (JSON.stringify(told) !== JSON.stringify(counted))
    world.violated(
      `The status tells [tasks, succeeded, failed, cancelled] as ${JSON.stringify(told)}; it is ${JSON.stringify(counted)}.`,
    );
  if (status.running + status.pending !== ledger.tasks - kept.length)
    world.violated(
      `The status tells ${status.running} running and ${status.pending} pending of ${ledger.tasks - kept.length} that have no outcome.`,
    );
}
