import type { CostEstimator } from "../../costs.ts";
import type { Facts } from "../../protocol/facts.ts";
import { stateOf } from "../../protocol/fold.ts";
import { parseJson } from "../../protocol/lines.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Budget, Ledger, PauseReason, SessionState } from "../../protocol/ledger.ts";
import { chunkTallies } from "./chunk-tallies.ts";
import type { ChunkTally } from "./chunk-tallies.ts";
import { costSoFar } from "./cost-so-far.ts";
import type { SessionCost } from "./cost-so-far.ts";
import { endedLives } from "./ended-lives.ts";
import type { LedgerView } from "../ledger-view.ts";
import type { FleetState } from "../supervise/fleet/fleet-state.ts";
import { mayLive, readPresence } from "./presence.ts";
import { rateOf } from "./session-rate.ts";
import type { WorkerLife } from "./worker-lives.ts";

export interface SessionStatus {
  /** `done`: every submission ended and every task has its outcome. */
  readonly state: SessionState | "done";
  readonly name?: string | undefined;
  /** Milliseconds since the epoch, on the store's clock. */
  readonly created: number;
  /** More inputs may come: some submission was not ended, or there is none yet. */
  readonly open: boolean;
  readonly tasks: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Tasks of leased chunks that have no outcome yet. */
  readonly running: number;
  readonly pending: number;
  /** Of `running` and `pending`, those that failed before and were started again by a retry. */
  readonly retried: number;
  /** How often a worker went on with what another one had that ended or fell silent: tasks of it may have run twice. undefined: never. */
  readonly takeovers?: number | undefined;
  /** Outcomes per second, over the last minute. */
  readonly rate: number;
  /** Milliseconds until all have their outcome, at this rate. undefined: nothing is left, or nothing goes on. */
  readonly eta?: number | undefined;
  /** Workers that were born, are not gone, and did not fall silent together with everybody else. */
  readonly workers: number;
  /** What keeps up the workers. undefined: there never was one. */
  readonly supervisor?: { readonly alive: boolean; readonly failure?: string | undefined } | undefined;
  readonly paused?: string | undefined;
  readonly pausedFor?: PauseReason | undefined;
  /** Milliseconds since the epoch, on the store's clock. */
  readonly deadline?: number | undefined;
  readonly budget?: Budget | undefined;
  /** Per hour. */
  readonly maxRate?: Budget | undefined;
  readonly warnAt?: Budget | undefined;
  /** What was said when the session had cost `warnAt`. */
  readonly warned?: string | undefined;
  /** What who supervises makes of it, as it last said. undefined: nobody did. */
  readonly fleet?: FleetState | undefined;
  /** Seconds that workers have lived, all together. */
  readonly workerSeconds: number;
  /** So far. What nobody knows the price of is left out. */
  readonly cost?: SessionCost | undefined;
}

export interface StatusOptions {
  /** Also what the requests cost so far: one GET more for each process of the session. Default false. */
  readonly requests?: boolean | undefined;
}

/** By what costs are told, and in whose name. */
export interface StatusAsker extends StatusOptions {
  readonly costs?: CostEstimator | undefined;
  readonly client?: string | undefined;
}

/** Counts of a session from the names of its objects: some LISTs, whatever its size. */
export async function readStatus(
  facts: Facts,
  keys: SessionKeys,
  view: LedgerView,
  asker: StatusAsker = {},
): Promise<SessionStatus> {
  await view.follow();
  const ledger = view.current;
  const { name, created, ttl, deadline, budget, maxRate, warnAt } = ledger.session;
  const tallies = await chunkTallies(facts, keys, ledger);
  const counts = sumOf(tallies);
  const presence = await readPresence(facts, keys, ttl);
  const { succeeded, failed, cancelled, running } = counts;
  const left = ledger.tasks - succeeded - failed - cancelled;
  const state = stateOf(ledger);
  const rate = rateOf(tallies, presence.now);
  const news = newestFact(tallies);
  const { supervisor } = presence;
  const fleet = supervisor?.alive ? await fleetOf(facts, keys, supervisor.owner) : undefined;
  const lives = endedLives(presence, news, ttl);
  const cost = await costSoFar(facts, keys, ledger, lives, presence.now, asker);
  return {
    state: state === "ended" && left === 0 ? "done" : state,
    ...(name === undefined ? {} : { name }),
    created,
    open: (state === "open" || state === "paused") && hasOpen(ledger),
    tasks: ledger.tasks,
    succeeded,
    failed,
    cancelled,
    running,
    pending: left - running,
    retried: counts.retried,
    ...(counts.takeovers > 0 ? { takeovers: counts.takeovers } : {}),
    rate,
    ...(left > 0 && rate > 0 && state !== "paused" ? { eta: (left / rate) * 1000 } : {}),
    workers: presence.workers.filter((worker) => mayLive(worker, presence, ttl, news)).length,
    ...(supervisor ? { supervisor: { alive: supervisor.alive, ...failureOf(supervisor) } } : {}),
    ...(ledger.paused ? { paused: ledger.paused.message, pausedFor: ledger.paused.because } : {}),
    ...(deadline === undefined ? {} : { deadline }),
    ...(budget === undefined ? {} : { budget }),
    ...(maxRate === undefined ? {} : { maxRate }),
    ...(warnAt === undefined ? {} : { warnAt }),
    ...(ledger.warned === undefined ? {} : { warned: ledger.warned }),
    ...(fleet ? { fleet } : {}),
    workerSeconds: livedSeconds(lives, presence.now),
    ...(cost ? { cost } : {}),
  };
}

function sumOf(tallies: readonly ChunkTally[]) {
  const sum = { succeeded: 0, failed: 0, cancelled: 0, running: 0, retried: 0, takeovers: 0 };
  for (const { chunk, succeeded, failed, cancelled, held, retried, takeovers } of tallies) {
    sum.succeeded += succeeded;
    sum.failed += failed;
    sum.cancelled += cancelled;
    sum.retried += retried;
    sum.takeovers += takeovers;
    if (held) sum.running += chunk.count - succeeded - failed - cancelled;
  }
  return sum;
}

/** In the hint of who supervises, if it has planned one. */
async function fleetOf(facts: Facts, keys: SessionKeys, supervisor: string): Promise<FleetState | undefined> {
  const hint = await facts.get(keys.worker(supervisor));
  return hint && (parseJson(hint) as { readonly fleet?: FleetState }).fleet;
}

function hasOpen({ submissions }: Ledger): boolean {
  return submissions.length === 0 || submissions.some(({ ended }) => !ended);
}

function failureOf({ failure }: { readonly failure?: string | undefined }) {
  return failure === undefined ? {} : { failure };
}

/** When the newest fact was written that was listed. */
function newestFact(tallies: readonly ChunkTally[]): number {
  let newest = 0;
  for (const { leased, done = 0, parts } of tallies) {
    newest = Math.max(newest, leased, done);
    for (const { modified } of parts) newest = Math.max(newest, modified);
  }
  return newest;
}

function livedSeconds(lives: readonly WorkerLife[], now: number): number {
  return Math.round(lives.reduce((sum, { born, gone }) => sum + Math.max(0, (gone ?? now) - born), 0) / 1000);
}
