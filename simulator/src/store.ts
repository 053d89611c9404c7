import { StoreError } from "../../packages/core/src/store.ts";
import type { CreateOptions, ListOptions, Page, StateStore, StorePace } from "../../packages/core/src/store.ts";
import type { SimProcess } from "./process.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

export type Kind = "create" | "get" | "list" | "put" | "delete" | "now";

/** Who only looks is not what may break anything. */
const onlooking: ReadonlySet<string> = new Set(["reader", "spectator", "status", "glance"]);

/** Longest time for which `now` may be told without asking, in milliseconds. */
const freshFor = 30_000;

/** The store as one process uses it. */
export class SimStore implements StateStore {
  readonly reference = { module: "simulated", options: {} };
  readonly program = new URL("../package.json", import.meta.url);
  readonly pace: StorePace;
  readonly #world: World;
  readonly #process: SimProcess;
  readonly #random: Random;
  #operations = 0;
  #heard: { readonly now: number; readonly at: number } | undefined;

  constructor(world: World, process: SimProcess) {
    this.pace = world.scenario.pace;
    this.#world = world;
    this.#process = process;
    this.#random = world.random.fork(`store of ${process.name}`);
  }

  create(key: string, body: Uint8Array, options?: CreateOptions): Promise<boolean> {
    // Bytes as they are now: the caller may use its buffer again.
    const bytes = body.slice();
    return this.#call(
      "create",
      key,
      () => {
        const there = this.#world.objects.get(key);
        if (there) return options?.exclusive !== true && Buffer.compare(there, bytes) === 0;
        this.#write(key, bytes);
        return true;
      },
      (created) => !created && this.#world.conduct.lost(this.#process, key, bytes),
    );
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#call(
      "get",
      key,
      () => {
        const body = this.#world.objects.get(key);
        // A copy, small ones in memory that they share: the caller may do with it what it likes.
        return body && Buffer.from(body);
      },
      (body) => this.#world.conduct.read(this.#process, key, body),
    );
  }

  async *list(prefix: string, { after }: ListOptions = {}): AsyncGenerator<Page> {
    const { objects, scenario } = this.#world;
    for (let from = after; ;) {
      const page = await this.#call(
        "list",
        `${prefix}${from === undefined ? "" : ` after ${from.slice(prefix.length)}`}`,
        () => objects.page(prefix, from, scenario.pageSize, this.#world.storeNow),
      );
      yield page;
      if (!page.more) return;
      from = page.entries.at(-1)?.key;
    }
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    const bytes = body.slice();
    await this.#call("put", key, () => this.#write(key, bytes));
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#call("delete", keys.join(" "), () =>
      keys.forEach((key) => {
        if (this.#world.objects.has(key)) this.#world.deleted(key);
        this.#world.objects.delete(key);
      }),
    );
  }

  async now(): Promise<number> {
    const { runtime } = this.#process;
    if (this.#heard && runtime.monotonic() - this.#heard.at < freshFor)
      return this.#heard.now + runtime.monotonic() - this.#heard.at;
    return this.#call("now", "", () => this.#world.storeNow);
  }

  #write(key: string, body: Uint8Array): void {
    this.#world.objects.set(key, body, this.#world.storeNow);
    this.#world.witness(key, body, this.#process);
    this.#world.conduct.wrote(this.#process, key);
  }

  /** One request: on its way, at the store, on its way back; any of it may fail. */
  #call<T>(kind: Kind, what: string, effect: () => T, heard?: (result: T) => void): Promise<T> {
    const { timeline, scenario } = this.#world;
    const random = this.#random;
    return new Promise<T>((resolve, reject) => {
      if (!this.#process.alive) return;
      this.#misfortune();
      if (!this.#process.alive) return;
      this.#world.count(this.#process.name, kind, what);
      this.#world.conduct.sent(this.#process, kind, what);
      const fate = this.#fate(kind);
      const slow = this.#world.faulty && random.chance(scenario.faults.slow) ? 100 : 1;
      const there = random.exponential(scenario.latency) * slow;
      const answer = (after: number, act: () => void) => void timeline.at(after, () => this.#process.deliver(act));
      let landed = 0;
      const land = () => {
        const result = effect();
        if (fate === "fine") landed = this.#world.storeNow;
        if (this.#world.trace) this.#note(kind, what, fate === "fine" ? shown(result) : `${fate}: ${shown(result)}`);
        return result;
      };
      if (this.#isDoomed(kind, what)) {
        timeline.at(random.exponential(scenario.latency), () => this.#process.die("killed"));
        timeline.at(random.exponential(scenario.latency * 5), land);
        return;
      }
      const timeout = random.between(500, 10_000);
      switch (fate) {
        case "fine":
          timeline.at(there, () => {
            const result = land();
            answer(random.exponential(scenario.latency) * slow, () => {
              // Each answer of an object store is dated; a directory tells the time only of what is listed, or when asked.
              if (scenario.dated || kind === "list" || kind === "now")
                this.#heard = { now: landed, at: this.#process.runtime.monotonic() };
              heard?.(result);
              resolve(result);
            });
          });
          return;
        case "refused":
          answer(there, () => {
            this.#note(kind, what, fate);
            reject(failure("unavailable", `The simulated store refuses ${kind} ${what}.`));
          });
          return;
        case "lost request":
          answer(timeout, () => {
            this.#note(kind, what, fate);
            reject(failure("unknown", `Nobody answered ${kind} ${what}.`));
          });
          return;
        case "lost answer":
        case "late landing":
          timeline.at(fate === "lost answer" ? Math.min(there, timeout) : timeout + random.exponential(30_000), land);
          answer(timeout, () => reject(failure("unknown", `Nobody answered ${kind} ${what}.`)));
      }
    });
  }

  #isDoomed(kind: Kind, key: string): boolean {
    if (kind !== "create" || !key.includes("/manifest/") || !this.#process.name.startsWith("submitter")) return false;
    return this.#world.faulty && this.#random.chance(this.#world.scenario.faults.entryDeaths);
  }

  #fate(kind: Kind): "fine" | "refused" | "lost request" | "lost answer" | "late landing" {
    const { scenario, faulty, away } = this.#world;
    if (away) return "refused";
    if (!faulty) return "fine";
    const { refused, lostRequests, lostAnswers, lateLandings } = scenario.faults;
    const drawn = this.#random.next();
    if (drawn < refused) return "refused";
    if (drawn < refused + lostRequests) return "lost request";
    if (drawn < refused + lostRequests + lostAnswers)
      return kind === "create" || kind === "put" ? "lost answer" : "lost request";
    if (drawn < refused + lostRequests + lostAnswers + lateLandings && kind === "create") return "late landing";
    return "fine";
  }

  /** The process may not live to send this, or to hear of it. */
  #misfortune(): void {
    const { scenario, faulty, timeline } = this.#world;
    const isWorker = this.#process.name.startsWith("w");
    this.#operations++;
    if (this.#operations === this.#process.lifetime + 1)
      timeline.at(this.#random.exponential(scenario.latency), () => this.#process.die("error"));
    if (!faulty || onlooking.has(this.#process.name)) return;
    const { crashes, freezes } = scenario.faults;
    const random = this.#random;
    const drawn = random.next();
    if (drawn < crashes && isWorker) {
      const death = random.pick(["error", "oom", "lost"] as const);
      const after = random.chance(0.3) ? 0 : random.exponential(scenario.latency * 2);
      if (after === 0) this.#process.die(death);
      else timeline.at(after, () => this.#process.die(death));
    } else if (drawn > crashes && drawn < crashes + freezes) {
      const ms = scenario.ttl * random.between(0.3, 5);
      timeline.at(random.exponential(scenario.latency), () => {
        this.#world.note(this.#process.name, `is frozen for ${Math.round(ms)} ms`);
        this.#process.freeze(ms);
      });
    }
  }

  #note(kind: Kind, what: string, result: string): void {
    this.#world.note(this.#process.name, `${kind} ${what} → ${result}`);
  }
}

/** Where it was made says nothing, and telling it costs more than all the rest of a request. */
function failure(code: "unknown" | "unavailable", message: string): StoreError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new StoreError(code, message);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function shown(result: unknown): string {
  if (result instanceof Uint8Array) return `${result.length} bytes`;
  if (typeof result === "object" && result !== null && "entries" in result)
    return `${(result as Page).entries.length} entries`;
  return String(result);
}
