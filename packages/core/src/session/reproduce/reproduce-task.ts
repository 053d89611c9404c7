import type { Backend, WorkerExit } from "../../backend.ts";
import { SkyburstError } from "../../errors.ts";
import { parseCommit } from "../../protocol/commit.ts";
import type { OutcomeLine } from "../../protocol/commit.ts";
import { parseJson } from "../../protocol/lines.ts";
import { storeId } from "../../protocol/store-id.ts";
import { workerArguments } from "../../protocol/worker-arguments.ts";
import { randomText, systemRuntime } from "../../runtime.ts";
import type { Runtime } from "../../runtime.ts";
import type { StateStore } from "../../store.ts";
import { joinSession } from "../join-session.ts";
import { SessionLogs } from "../logs/session-logs.ts";
import type { Place } from "../place.ts";
import { workerProgram } from "../program.ts";
import { checkKeepsSecrets, checkSecrets, secretNames, secretsOf } from "../secrets.ts";
import type { Secrets } from "../secrets.ts";
import { copyTask } from "./copy-task.ts";
import { workerExit } from "./worker-exit.ts";

export interface ReproduceOptions {
  /** Index of the task in its session. */
  readonly task: number;
  /** Where the run's own objects go: a store that nothing else needs. It is left as it is then. */
  readonly scratch: StateStore;
  /** Where the worker runs. */
  readonly backend: Backend;
  /** The session's secrets, all of them and no others: nobody keeps what they are. Default: none. */
  readonly secrets?: Secrets | undefined;
  /** Asks the worker to end. */
  readonly signal?: AbortSignal | undefined;
  /** Time and chance; for simulations. */
  readonly runtime?: Runtime | undefined;
}

/** A task that runs once more, alone. */
export interface Reproduction {
  /** What the task prints. */
  readonly logs: SessionLogs;
  /** Resolves when the worker has ended. */
  readonly ended: Promise<ReproductionEnd>;
}

export type ReproductionEnd =
  /** The task has an outcome: its line, which names it as its own session does. A value that is in a blob is in the scratch store. */
  | { readonly kind: "outcome"; readonly line: OutcomeLine }
  /** Its worker ended before: what the provider says of that, and the last that the process itself printed. */
  | { readonly kind: "died"; readonly exit: WorkerExit; readonly said: string };

/**
 * Runs a task of a session once more: its program, its input and what it shares, as they are in the store, alone in a worker of its own. Of
 * what the session said of it, the time limit and the grace time count, and no retries. Nothing is written into the session.
 *
 * @param called Id of the session, a beginning that no other id has, or its name.
 * @throws {SkyburstError} `session` when there is none; `option` when there is no such task, or a secret is missing; `workers` when no worker can be started.
 */
export async function reproduceTask(
  store: StateStore,
  called: string,
  { task, scratch, backend, secrets: given, signal, runtime = systemRuntime }: ReproduceOptions,
): Promise<Reproduction> {
  const from = await joinSession(store, called, runtime);
  const { secrets: names } = from.view.current.session;
  checkSecrets(given);
  checkKeepsSecrets(backend, names);
  const secrets = secretsOf(from.id, names, given);
  const place = await copyTask(from, task, { scratch, backend, secrets, runtime });
  const worker = await launch(place, scratch, backend, secrets);
  const stop = () => void backend.stop([worker]).catch(ignore);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  const ended = ending(place, backend, worker).finally(() => signal?.removeEventListener("abort", stop));
  const { facts, keys, view } = place;
  return { logs: new SessionLogs({ facts, keys, runtime, view, client: `reader.${randomText(runtime, 8)}` }), ended };
}

async function launch({ id, view }: Place, scratch: StateStore, backend: Backend, secrets: Secrets): Promise<string> {
  const { rev, submissions } = view.current;
  const names = secretNames(secrets);
  const program = await workerProgram(scratch)();
  const { started, refused } = await backend.launch({
    sessionId: id,
    launch: 0,
    token: `${id}-0`,
    slots: [0],
    spec: { slots: 1 },
    program,
    storeId: storeId(scratch.reference),
    ...(names.length === 0 ? {} : { secrets }),
    args: workerArguments({
      session: id,
      store: scratch.reference,
      program: program.sha256,
      launch: 0,
      workers: 1,
      rev,
      slots: 1,
      warm: submissions[0]?.task.kind,
      ...(names.length === 0 ? {} : { secrets: names }),
    }),
  });
  const [worker] = started;
  if (worker) return worker.id;
  throw new SkyburstError("workers", `No worker can be started: ${refused[0]?.message ?? "nobody says why."}`);
}

/** A worker leaves when nothing is left to do, so that its end tells of both. */
async function ending(place: Place, backend: Backend, worker: string): Promise<ReproductionEnd> {
  const exit = await workerExit(backend, place, worker);
  // Nothing of it is tried again, so that its first turn is its last.
  const done = await place.facts.get(place.keys.done({ s: 0, i: 0, t: 0 }));
  if (done) return { kind: "outcome", line: parseJson(parseCommit(done).lines) as OutcomeLine };
  return { kind: "died", exit, said: (await backend.logs?.(worker)) ?? "" };
}

function ignore(): void {
  // It ends by itself, or is stopped by who looks for what is left.
}
