import type { Backend, WorkerSpec } from "../../backend.ts";
import type { CostEstimator } from "../../costs.ts";
import { SkyburstError } from "../../errors.ts";
import { facts as factsOf } from "../../protocol/facts.ts";
import { sessionKeys } from "../../protocol/keys.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import { readLedger } from "../../protocol/read-ledger.ts";
import { randomText, systemRuntime } from "../../runtime.ts";
import type { Runtime } from "../../runtime.ts";
import type { StateStore } from "../../store.ts";
import { Heartbeat } from "../heartbeat.ts";
import { LedgerView } from "../ledger-view.ts";
import type { Place } from "../place.ts";
import { workerProgram } from "../program.ts";
import { aliveWorkers, readPresence } from "../status/presence.ts";
import { checkKeepsSecrets, checkSecrets, secretsOf } from "../secrets.ts";
import type { Secrets } from "../secrets.ts";
import { slotsPerWorker } from "../slots-per-worker.ts";
import { Overstay } from "./overstay.ts";
import { supervisorPace } from "./supervisor-lease.ts";
import { Supervisor } from "./supervisor.ts";

export interface SuperviseOptions {
  readonly store: StateStore;
  /** Where workers run. Borrowed, as the store is. */
  readonly backend: Backend;
  /** Id of the session. */
  readonly session: string;
  /** Workers at a time. Default: what the session's ledger says, else 1. */
  readonly workers?: number | undefined;
  /** What a worker is made of. Default: what the session's ledger says. */
  readonly spec?: WorkerSpec | undefined;
  /** The session's secrets, all of them and no others: nobody keeps what they are. Default: none. */
  readonly secrets?: Secrets | undefined;
  /** What things cost. Default: what backend and store say of themselves. */
  readonly costs?: CostEstimator | undefined;
  /** How long it waits in a session that is paused, or open with nothing to do, in milliseconds. Default an hour; of a stand-in, two TTLs. */
  readonly patience?: number | undefined;
  /** Only while nobody else does: where somebody supervises, it leaves. Default false: it waits to take their place. */
  readonly standsIn?: boolean | undefined;
  /** Leaves; workers go on. */
  readonly signal?: AbortSignal | undefined;
  /** Time and chance; for simulations. */
  readonly runtime?: Runtime | undefined;
}

/**
 * `over`: everything has its outcome, or the session is removed, and no worker is left. `paused`: it is, and nobody resumed it. `idle`: it is open, and
 * nobody added anything. `left`: the signal fired; or nobody has to stand in, since somebody supervises, or can on this backend.
 */
export type SuperviseEnd = "over" | "paused" | "idle" | "left";

const hour = 3_600_000;

/** Longest wait between two looks at what this process knows, in milliseconds. */
const lookInterval = 1000;

/**
 * Keeps a session's fleet until the session is over: launches workers, replaces those that are lost, holds the session to its
 * deadline, idle timeout and budget. While somebody else does, it waits to take their place.
 *
 * Workers are launched before anything is submitted, so that they boot while a submitter writes.
 *
 * @throws {SkyburstError} `session` when the store has none of that id, or lost it meanwhile; `workers` when no worker can be started;
 * `option`.
 */
export async function supervise(options: SuperviseOptions): Promise<SuperviseEnd> {
  const { store, session: id, runtime = systemRuntime } = options;
  const facts = factsOf(store, runtime);
  const keys = sessionKeys(id);
  let ledger = await readLedger(facts, keys);
  if (!ledger) throw new SkyburstError("session", `There is no session ${JSON.stringify(id)} in this store.`);
  // Its workers were launched on something that was made out of this backend, and is more, or less, than that.
  if (options.standsIn && (ledger.session.fleet?.backend ?? options.backend.name) !== options.backend.name)
    return "left";
  checkSecrets(options.secrets, options.spec);
  checkKeepsSecrets(options.backend, ledger.session.secrets);
  const secrets = secretsOf(id, ledger.session.secrets, options.secrets);
  for (;;) {
    // Each stay is somebody else's: a last word is never taken back.
    const client = `client.${randomText(runtime, 8)}`;
    const view = new LedgerView(facts, keys, ledger, client);
    const { end, rev } = await stay({ ...options, secrets }, { id, facts, keys, runtime, view, client });
    if (end === "left") return end;
    // Who added something before that word may have counted on this process.
    await view.follow();
    if (view.current.rev === rev || view.current.removed) return end;
    ledger = view.current;
  }
}

/** How it ended, and the ledger entry as of which that was judged. */
interface Judgement {
  readonly end: SuperviseEnd;
  readonly rev: number;
}

async function stay(options: SuperviseOptions, place: Place): Promise<Judgement> {
  const { store, backend, costs, secrets, signal } = options;
  const { id, facts, keys, runtime, view, client } = place;
  const { fleet, ttl } = view.current.session;
  const workers = options.workers ?? fleet?.workers ?? 1;
  const spec: WorkerSpec = options.spec ?? fleet?.spec ?? {};
  const supervisor = new Supervisor({
    facts,
    keys,
    runtime,
    view,
    backend,
    spec: { ...spec, slots: spec.slots ?? slotsPerWorker(backend, workers) },
    workers,
    session: id,
    client,
    program: workerProgram(store),
    secrets,
    costs,
    keeps: options.standsIn !== true,
  });
  const state = () => supervisor.state;
  const heartbeat = new Heartbeat({ facts, keys, runtime, client, view, lingers: 2 * ttl, fleet: state });
  try {
    return await untilOver(options, place, supervisor);
  } finally {
    await supervisor.rest();
    // Behind the word nothing may come: whoever removes the session waits for that.
    await heartbeat.rest();
    await supervisor.leave(signal?.aborted ? "detached" : "over");
    await heartbeat.stop();
  }
}

async function untilOver(
  { signal, backend, standsIn = false, ...options }: SuperviseOptions,
  place: Place,
  supervisor: Supervisor,
): Promise<Judgement> {
  const { facts, runtime, view } = place;
  const { ttl } = view.current.session;
  const { patience = standsIn ? 2 * ttl : hour } = options;
  const { period } = supervisorPace(ttl);
  const wait = Math.min(lookInterval, facts.store.pace.poll[1]);
  let since = runtime.monotonic();
  let askAt = since;
  const overstay = new Overstay(place, supervisor, backend);
  for (;;) {
    const { rev } = view.current;
    if (signal?.aborted) return { end: "left", rev };
    if (standsIn && !supervisor.supervises && (await isSupervised(place))) return { end: "left", rev };
    if (view.lost) throw view.lost;
    if (supervisor.failure) throw supervisor.failure;
    const now = runtime.monotonic();
    const waits = waitsFor(view.current, supervisor);
    if (!waits) since = now;
    else if (now - since > patience) {
      if (waits === "paused" || (await supervisor.remaining.ofAll()) === 0) return { end: waits, rev };
      since = now;
    }
    if (now >= askAt && mayBeOver(view.current, supervisor)) {
      if (await isOver(place, supervisor)) return { end: "over", rev };
      askAt = now + period;
    }
    await overstay.look();
    await runtime.sleep(wait, signal);
  }
}

/** By who is taken for alive. Of itself this process says nothing before it supervises. */
async function isSupervised({ facts, keys, view, client }: Place): Promise<boolean> {
  const { supervisor } = await readPresence(facts, keys, view.current.session.ttl);
  return supervisor?.alive === true && supervisor.owner !== client;
}

/** What only somebody else can end. */
function waitsFor({ paused, session, submissions }: Ledger, supervisor: Supervisor): "paused" | "idle" | undefined {
  if (paused) return "paused";
  // Where nothing was ever submitted there is nothing that an idle timeout could end.
  const stays = session.idleTimeout !== undefined && submissions.length > 0;
  return supervisor.supervises && supervisor.live === 0 && !stays ? "idle" : undefined;
}

/** As far as this process knows. */
function mayBeOver({ submissions, cancelled, removed }: Ledger, supervisor: Supervisor): boolean {
  const begun = cancelled || submissions.length > 0;
  return supervisor.live === 0 && (removed === true || (begun && submissions.every(({ ended }) => ended)));
}

/** Nothing is left to do, and nobody is there who would do it. */
async function isOver({ facts, keys, view }: Place, supervisor: Supervisor): Promise<boolean> {
  if (view.current.removed) return true;
  if ((await supervisor.remaining.ofAll()) > 0) return false;
  return supervisor.supervises || (await aliveWorkers(facts, keys)) === 0;
}
