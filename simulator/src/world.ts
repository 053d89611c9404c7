import { Conduct } from "./conduct.ts";
import { Objects } from "./objects.ts";
import { SimProcess } from "./process.ts";
import { Random } from "./random.ts";
import type { Rules } from "./rules.ts";
import type { Scenario } from "./scenario/scenario.ts";
import type { Kind } from "./store.ts";
import { Timeline } from "./timeline.ts";
import { Timesheet } from "./timesheet.ts";

/** What all parts of a simulation share. */
export class World {
  readonly scenario: Scenario;
  readonly timeline = new Timeline();
  readonly random: Random;
  readonly objects = new Objects();
  readonly violations: string[] = [];
  readonly trace: string[] | undefined;
  readonly rules: Rules;
  readonly timesheet: Timesheet;
  /** Requests that reached for the store, by process, kind, and the kind of key that was asked for. */
  readonly requests = new Map<string, Map<`${Kind} ${string}`, number>>();
  /** Sees each object at the moment at which it is written. */
  witness: (key: string, body: Uint8Array, by: SimProcess) => void = () => undefined;
  /** Sees what is about to be deleted. */
  deleted: (key: string) => void = () => undefined;
  /** A worker starts somebody who supervises. */
  standIn: () => void = () => undefined;
  readonly conduct: Conduct = new Conduct(this);
  #clockOffset = 1_700_000_000_000;
  readonly #clockDrift: number;
  readonly #outages: (readonly [from: number, to: number])[] = [];
  readonly #places = new Map<string, number>();
  readonly #untilBroken: boolean;
  #calm = false;

  /** @param untilBroken Ends the history at its first violation. */
  constructor(scenario: Scenario, traced: boolean, rules: Rules, untilBroken = false) {
    this.#untilBroken = untilBroken;
    this.scenario = scenario;
    this.rules = rules;
    this.random = new Random(scenario.seed);
    this.timesheet = new Timesheet(this.timeline);
    this.trace = traced ? [] : undefined;
    const random = this.random.fork("store clock");
    this.#clockDrift = random.between(-scenario.drift, scenario.drift);
    const { clockJumps, outages, until } = scenario.faults;
    for (let n = 0; n < clockJumps; n++) {
      const by = random.between(-300_000, 300_000);
      this.timeline.at(random.between(0, until), () => {
        this.#clockOffset += by;
        this.note("store", `clock jumps by ${Math.round(by)} ms`);
      });
    }
    for (let n = 0; n < outages; n++) {
      const from = random.between(0, until);
      this.#outages.push([from, from + random.between(1000, 120_000)]);
    }
  }

  /** Things still go wrong. */
  get faulty(): boolean {
    return !this.#calm && this.timeline.now < this.scenario.faults.until;
  }

  get storeNow(): number {
    const now = this.#clockOffset + this.timeline.now * (1 + this.#clockDrift);
    return this.scenario.roundedTimes ? Math.floor(now / 1000) * 1000 : Math.floor(now);
  }

  get away(): boolean {
    return !this.#calm && this.#outages.some(([from, to]) => this.timeline.now >= from && this.timeline.now < to);
  }

  /** From now on nothing goes wrong any more. */
  calm(): void {
    this.#calm = true;
  }

  /** @param lifetime Requests that it sends before it dies. */
  process(name: string, lifetime?: number): SimProcess {
    const { drift } = this.scenario;
    const own = this.random.fork(`drift of ${name}`).between(-drift, drift);
    return new SimProcess(name, this.timeline, this.random, own, lifetime);
  }

  /** A submission was opened in the ledger. Those of one client are numbered by it; others have ids of their own. */
  opened(submission: string, by: string): void {
    if (this.#places.has(submission)) this.violated(`Submission ${submission} is opened a second time`);
    const [, place] = /^own-(\d+)$/.exec(submission) ?? [];
    const number = Number(submission.slice(submission.lastIndexOf("-") + 1));
    const client = by === "client" ? 0 : Number(by.slice("joiner".length));
    const own = this.scenario.submissions.flatMap((plan, n) => (plan.client === client ? [n] : []));
    this.#places.set(submission, place === undefined ? (own[number] ?? Number.NaN) : Number(place));
  }

  /** Which submission of the scenario it is. */
  placeOf(submission: string): number {
    return this.#places.get(submission) ?? Number.NaN;
  }

  /** @param key Or a prefix of keys. */
  count(process: string, kind: Kind, key: string): void {
    let counts = this.requests.get(process);
    if (!counts) this.requests.set(process, (counts = new Map()));
    const [top = "", , below = top] = key.split("/", 3);
    const what = `${kind} ${below}` as const;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }

  violated(what: string): void {
    this.note("VIOLATION", what);
    this.violations.push(`${stamp(this.timeline.now)} ${what}`);
    if (this.#untilBroken) this.timeline.stop();
  }

  note(who: string, what: string): void {
    this.trace?.push(`${stamp(this.timeline.now)} ${who.padEnd(10)} ${what}`);
  }
}

function stamp(ms: number): string {
  return (ms / 1000).toFixed(3).padStart(10);
}
