import { ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Attributes, Context, Span, Tracer } from "@opentelemetry/api";
import type { EventOutcome, SessionEvent } from "@skyburst/core";
import { attributesOf } from "./attributes.ts";

type Told<Type extends SessionEvent["type"]> = Extract<SessionEvent, { readonly type: Type }>;

/** What is told of a session's span beside its batches: it happens rarely, and says why things went as they did. */
const notable: ReadonlySet<SessionEvent["type"]> = new Set([
  "wave",
  "refused",
  "exited",
  "cancelled",
  "rerun",
  "paused",
  "resumed",
  "extended",
  "warned",
  "log-dropped",
]);

/** A turn of a chunk that is worked on: since when, and how many tasks of it are not in a commit yet. */
interface RunningTurn {
  from: number;
  tasks: number;
}

/** A batch of which the tasks are told. */
interface Batch {
  readonly context: Context;
  readonly to: number;
  /** Where the next attempt begins. */
  next: number;
}

/**
 * Spans of a session, its batches and their attempts. A batch lasts from its lease, or the commit before, to its commit. How long an
 * attempt took is stored, and not when it began: attempts stand one behind the other in their batch, as if one slot had run them.
 */
export class SessionSpans {
  readonly #tracer: Tracer;
  readonly #session: string;
  readonly #parent: Context;
  readonly #turns = new Map<number, RunningTurn>();
  #span: Span | undefined;
  #context: Context = ROOT_CONTEXT;
  #batch: Batch | undefined;
  #newest = 0;
  #failed = false;

  constructor(tracer: Tracer, session: string, parent: Context) {
    this.#tracer = tracer;
    this.#session = session;
    this.#parent = parent;
  }

  take(event: SessionEvent): void {
    this.#newest = Math.max(this.#newest, event.at);
    if (notable.has(event.type)) this.#span?.addEvent(event.type, attributesOf(event), event.at);
    switch (event.type) {
      case "created":
        return this.#begin(event);
      case "leased":
        this.#turns.set(event.chunk, { from: event.at, tasks: event.tasks });
        return;
      case "committed":
        return this.#committed(event);
      case "failed":
        this.#failed = true;
        return this.#attempted(event, event.seconds);
      case "retried":
        return this.#attempted(event, 0);
      default:
        return;
    }
  }

  end(): void {
    if (this.#failed) this.#span?.setStatus({ code: SpanStatusCode.ERROR, message: "Tasks have failed." });
    this.#span?.end(this.#newest);
  }

  #begin({ at, name }: Told<"created">): void {
    const attributes = { "skyburst.session": this.#session, ...(name === undefined ? {} : { "skyburst.name": name }) };
    this.#span = this.#tracer.startSpan("skyburst.session", { startTime: at, attributes }, this.#parent);
    this.#context = trace.setSpan(this.#parent, this.#span);
  }

  #committed(event: Told<"committed">): void {
    const { at, chunk, succeeded, failed, cancelled, again, outcomes = [] } = event;
    const turn = this.#turns.get(chunk);
    const from = Math.min(turn?.from ?? at, at);
    const span = this.#tracer.startSpan(
      "skyburst.batch",
      { startTime: from, attributes: attributesOf(event) },
      this.#context,
    );
    const context = trace.setSpan(this.#context, span);
    this.#batch = { context, to: at, next: from };
    for (const outcome of outcomes) if (outcome.status === "succeeded") this.#succeeded(outcome);
    span.end(at);
    if (!turn) return;
    turn.tasks -= succeeded + failed + cancelled + again;
    if (turn.tasks > 0) turn.from = at;
    else this.#turns.delete(chunk);
  }

  #succeeded({ task, attempts, seconds }: EventOutcome): void {
    this.#attempt({ "skyburst.task": task, "skyburst.attempt": attempts }, seconds);
  }

  #attempted(event: Told<"failed"> | Told<"retried">, seconds: number): void {
    this.#attempt(attributesOf(event), seconds, event.error);
  }

  #attempt(attributes: Attributes, seconds: number, error?: string): void {
    const batch = this.#batch;
    if (!batch) return;
    const took = seconds * 1000;
    const startTime = Math.min(batch.next, batch.to - took);
    batch.next = startTime + took;
    const span = this.#tracer.startSpan("skyburst.attempt", { startTime, attributes }, batch.context);
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    span.end(batch.next);
  }
}
