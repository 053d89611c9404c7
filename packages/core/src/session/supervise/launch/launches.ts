import { createHash } from "node:crypto";
import type {
  Backend,
  LaunchProgram,
  LaunchRequest,
  LaunchResult,
  Refusal,
  WorkerSpec,
  WorkerStatus,
} from "../../../backend.ts";
import type { CostEstimator } from "../../../costs.ts";
import { listAll } from "../../../protocol/facts.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import { jsonBody, parseJson } from "../../../protocol/lines.ts";
import { storeId } from "../../../protocol/store-id.ts";
import { readyLine, workerArguments } from "../../../protocol/worker-arguments.ts";
import type { Runtime } from "../../../runtime.ts";
import type { Entry } from "../../../store.ts";
import { secretNames } from "../../secrets.ts";
import type { Secrets } from "../../secrets.ts";
import { callLaunch } from "./launch-call.ts";
import type { LaunchFact } from "./launch-fact.ts";

export interface LaunchesOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly backend: Backend;
  readonly spec: WorkerSpec;
  readonly session: string;
  readonly client: string;
  readonly program: () => Promise<LaunchProgram>;
  /** Those of the session. Default: none. */
  readonly secrets?: Secrets | undefined;
  readonly costs?: CostEstimator | undefined;
}

/** A worker of a launch that somebody made out: `id` where the provider still knows it. */
export interface KnownSlot {
  readonly slot: number;
  readonly id?: string | undefined;
  /** `pending`: it may be one that was made and never started. */
  readonly state?: WorkerStatus["state"] | undefined;
}

/** What came of a launch that somebody else decided. */
export interface Repeated {
  /** Workers that the provider was asked for: again, unless somebody else heard the answer. */
  readonly asked: number;
  readonly result: LaunchResult;
  /** Milliseconds since the answer. */
  readonly ago: number;
}

/** Where those before left off. */
export interface LeftOff {
  /** Launches that were decided and not answered. */
  readonly unanswered: readonly number[];
  /** The newest answer, where that is a refusal of this backend. */
  readonly refused: Repeated | undefined;
}

/**
 * Launches of a session. Each is three steps, every one of which a successor can repeat: the fact, the provider's call with its
 * token, the answer.
 */
export class Launches {
  readonly #options: LaunchesOptions;
  #next = 0;
  #doing: string | undefined;

  constructor(options: LaunchesOptions) {
    this.#options = options;
  }

  /** How many launches were decided so far, by whomever. */
  get decided(): number {
    return this.#next;
  }

  /** What takes the provider its time, in its words; undefined: it says nothing, or was not asked for anything. */
  get doing(): string | undefined {
    return this.#doing;
  }

  /**
   * Decides the next launch. undefined: somebody else decided one of that number, which is passed by.
   *
   * @param memory Bytes that its workers need at least. Default: as many as others have.
   */
  async decide(
    what: Pick<LaunchFact, "count" | "because" | "workers" | "rev" | "kind">,
    memory = 0,
  ): Promise<{ readonly n: number; readonly fact: LaunchFact } | undefined> {
    const { facts, keys, session, client, backend, spec, program } = this.#options;
    const n = this.#next;
    const { env: _, ...shared } = spec;
    const { count, because, ...rest } = what;
    const { sha256 } = await program();
    const at = await facts.now();
    const fact: LaunchFact = {
      v: 1,
      count,
      token: tokenOf(session, n),
      because,
      by: client,
      backend: backend.name,
      ...rest,
      at,
      program: sha256,
      spec: memory > (shared.memory ?? 0) ? { ...shared, memory } : shared,
    };
    const decided = await facts.create(keys.launch(n), jsonBody(fact));
    this.#next++;
    return decided ? { n, fact } : undefined;
  }

  /**
   * The provider's call, and its answer. Once `unwanted` fires nothing more is started.
   *
   * @throws {BackendError} when nothing could be tried.
   */
  async carryOut(n: number, fact: LaunchFact, signal: AbortSignal, unwanted: AbortSignal): Promise<LaunchResult> {
    const slots = Array.from({ length: fact.count }, (_, slot) => slot);
    const result = await this.#call(n, fact, slots, signal, unwanted);
    await this.#answer(n, result);
    return result;
  }

  /** Two listings, behind which come all launches that are decided from now on, and the newest answer. */
  async leftOff(): Promise<LeftOff> {
    const { facts, keys } = this.#options;
    const [decided, answered] = await Promise.all([listAll(facts, keys.launches), listAll(facts, keys.answers)]);
    const done = new Set(answered.entries.map(({ key }) => Number(key.slice(keys.answers.length))));
    const numbers = decided.entries.map(({ key }) => Number(key.slice(keys.launches.length)));
    this.#next = Math.max(this.#next, (numbers.at(-1) ?? -1) + 1);
    return { unanswered: numbers.filter((n) => !done.has(n)), refused: await this.#standing(answered) };
  }

  async #standing({ now, entries }: { readonly now: number; readonly entries: readonly Entry[] }) {
    const { facts, keys, backend } = this.#options;
    // By number, since a launch is decided when the one before was answered: the store's clock may have gone back meanwhile.
    const newest = entries.at(-1);
    const bytes = newest && (await facts.get(newest.key));
    if (!newest || !bytes) return undefined;
    const result = parseJson(bytes) as LaunchResult;
    if (result.refused.length === 0) return undefined;
    const fact = await facts.get(keys.launch(Number(newest.key.slice(keys.answers.length))));
    if (!fact || (parseJson(fact) as LaunchFact).backend !== backend.name) return undefined;
    const asked = result.started.length + result.refused.length;
    return { asked, result, ago: Math.max(0, now - newest.modified) };
  }

  /**
   * Does again what a supervisor before may have left in the middle, with the same token, and writes the answer. Workers that are
   * known are started no second time where the provider could not tell. What can't be said again, to this provider or by this
   * program, or is not wanted any more, is answered as refused: what it was for is planned anew.
   */
  async repeat(n: number, known: readonly KnownSlot[], wanted: boolean, signal: AbortSignal): Promise<Repeated> {
    const { facts, keys, backend, program } = this.#options;
    const bytes = await facts.get(keys.launch(n));
    const fact = bytes ? (parseJson(bytes) as LaunchFact) : undefined;
    const slots = Array.from({ length: fact?.count ?? 0 }, (_, slot) => slot);
    const missing = slots.filter((slot) => known.every((other) => other.slot !== slot));
    const same = fact?.backend === backend.name && fact.program === (await program()).sha256;
    // What was made and not started only the same call starts; of what starts by itself it starts no other.
    const isOpen = missing.length > 0 || known.some(({ state }) => state === "pending");
    const asked = same && wanted && isOpen ? (backend.capabilities.token ? slots : missing) : [];
    const result =
      fact && asked.length > 0
        ? await this.#call(n, fact, asked, signal)
        : { started: [], refused: missing.map((slot) => notRepeated(slot, same)) };
    const started = known.flatMap(({ slot, id }) =>
      id === undefined || result.started.some((other) => other.slot === slot) ? [] : [{ slot, id }],
    );
    const whole = { started: [...started, ...result.started], refused: result.refused };
    await this.#answer(n, whole);
    return { asked: asked.length, result: whole, ago: 0 };
  }

  async #call(
    n: number,
    fact: LaunchFact,
    slots: readonly number[],
    signal: AbortSignal,
    unwanted?: AbortSignal,
  ): Promise<LaunchResult> {
    const { session, facts, backend, spec, program, runtime, costs } = this.#options;
    const { token, workers, rev, at, kind } = fact;
    const names = secretNames(this.#options.secrets);
    const needs = await this.#needs();
    if ("clash" in needs) return { started: [], refused: slots.map((slot) => clashing(slot, needs.clash)) };
    const env = spec.env === undefined ? {} : { env: spec.env };
    const request: LaunchRequest = {
      sessionId: session,
      launch: n,
      token,
      slots,
      spec: { ...fact.spec, ...env },
      program: await program(),
      storeId: storeId(facts.store.reference),
      ...needs,
      args: workerArguments({
        session,
        store: facts.store.reference,
        program: fact.program,
        launch: n,
        workers,
        rev,
        at,
        slots: fact.spec.slots,
        memory: fact.spec.memory ?? backend.capabilities.memory,
        warm: kind,
        ...(names.length === 0 ? {} : { secrets: names }),
        // A price sheet is known to who has it, and to nobody who stands in.
        standIn: costs ? undefined : backend.standIn,
      }),
      readyLine,
    };
    const progress = (text: string) => {
      this.#doing = text;
    };
    try {
      return await callLaunch(backend, request, runtime, signal, { signal: unwanted, progress });
    } finally {
      this.#doing = undefined;
    }
  }

  /** What store and tasks ask of where the worker runs. `clash`: a name by which both have a secret, and not the same one. */
  async #needs(): Promise<Pick<LaunchRequest, "directories" | "secrets"> | { readonly clash: string }> {
    const { facts, backend, secrets = {} } = this.#options;
    const { directory } = facts.store.reference;
    const { sharesFileSystem, secrets: handsOver = false } = backend.capabilities;
    // A worker of this machine has what the client has, and gets it anew when it is no longer good.
    const own = handsOver && !sharesFileSystem ? await facts.store.credentials?.() : undefined;
    const clash = Object.keys(own ?? {}).find((name) => (secrets[name] ?? own?.[name]) !== own?.[name]);
    if (clash !== undefined) return { clash };
    const all = { ...own, ...secrets };
    return {
      ...(directory === undefined ? {} : { directories: [directory] }),
      ...(Object.keys(all).length > 0 ? { secrets: all } : {}),
    };
  }

  async #answer(n: number, { started, refused }: LaunchResult): Promise<void> {
    const { facts, keys } = this.#options;
    await facts.create(keys.launched(n), jsonBody({ v: 1, started, refused }));
  }
}

function clashing(slot: number, name: string): Refusal {
  return {
    slot,
    kind: "option",
    message: `The store is opened by another ${name} than the secret of that name: give that to tasks under another name.`,
  };
}

function notRepeated(slot: number, same: boolean): Refusal {
  const message = same
    ? "nothing is left for it"
    : "it was decided by a supervisor of another backend or program, and is not repeated";
  return { slot, kind: "unavailable", message };
}

/** The same for a repeated launch, and within what every provider takes as a token. */
function tokenOf(session: string, launch: number): string {
  return createHash("sha256").update(`${session}/${launch}`).digest("hex").slice(0, 32);
}
