import type { Attributes, Counter, Gauge, Histogram, Meter, UpDownCounter } from "@opentelemetry/api";
import type { AttachedSession, SessionEvent } from "@skyburst/core";

type Committed = Extract<SessionEvent, { readonly type: "committed" }>;

/** Measurements of a session, each with its id. */
export class SessionMetrics {
  readonly #own: Attributes;
  readonly #tasks: Counter;
  readonly #retries: Counter;
  readonly #seconds: Histogram;
  readonly #workers: UpDownCounter;
  readonly #exits: Counter;
  readonly #refused: Counter;
  readonly #dropped: Counter;
  readonly #cost: Gauge;

  constructor(meter: Meter, session: string) {
    this.#own = { "skyburst.session": session };
    this.#tasks = meter.createCounter("skyburst.tasks", { unit: "{task}", description: "Outcomes, by what they are." });
    this.#retries = meter.createCounter("skyburst.retries", {
      unit: "{attempt}",
      description: "Attempts that failed and were followed by another, by who is to blame.",
    });
    this.#seconds = meter.createHistogram("skyburst.task.duration", {
      unit: "s",
      description: "Run time of the last attempt of a task.",
    });
    this.#workers = meter.createUpDownCounter("skyburst.workers", { unit: "{worker}", description: "Living workers." });
    this.#exits = meter.createCounter("skyburst.worker.ends", {
      unit: "{worker}",
      description: "Workers that are gone, by the reason.",
    });
    this.#refused = meter.createCounter("skyburst.launches.refused", {
      unit: "{worker}",
      description: "Workers that the provider refused, by the kind of refusal.",
    });
    this.#dropped = meter.createCounter("skyburst.log.dropped", { unit: "By", description: "Output that was lost." });
    this.#cost = meter.createGauge("skyburst.cost", {
      description: "What the session has cost, as far as it is known.",
    });
  }

  take(event: SessionEvent): void {
    switch (event.type) {
      case "committed":
        return this.#committed(event);
      case "retried":
        return this.#retries.add(1, { ...this.#own, "skyburst.blame": event.blame });
      case "born":
        return this.#workers.add(1, this.#own);
      case "gone":
        this.#workers.add(-1, this.#own);
        return this.#exits.add(1, { ...this.#own, "skyburst.reason": event.reason });
      case "refused":
        return this.#refused.add(event.slots.length, { ...this.#own, "skyburst.kind": event.kind });
      case "log-dropped":
        return this.#dropped.add(event.bytes, this.#own);
      default:
        return;
    }
  }

  /** The receipt is read once, when all was told: it takes as many requests as a status. */
  async end(session: AttachedSession): Promise<void> {
    const { total } = (await session.receipt()).cost;
    if (total) this.#cost.record(total.amount, { ...this.#own, "skyburst.currency": total.currency });
  }

  #committed({ succeeded, failed, cancelled, outcomes = [] }: Committed): void {
    for (const [outcome, count] of Object.entries({ succeeded, failed, cancelled }))
      if (count > 0) this.#tasks.add(count, { ...this.#own, "skyburst.outcome": outcome });
    for (const { status, seconds } of outcomes)
      if (status !== "cancelled") this.#seconds.record(seconds, { ...this.#own, "skyburst.outcome": status });
  }
}
