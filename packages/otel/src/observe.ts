import { context, createNoopMeter, diag, metrics, trace } from "@opentelemetry/api";
import type { Context, MeterProvider, TracerProvider } from "@opentelemetry/api";
import type { AttachedSession, SessionEvent } from "@skyburst/core";
import { isRegistered } from "./is-registered.ts";
import { SessionMetrics } from "./session-metrics.ts";
import { SessionSpans } from "./session-spans.ts";

export interface ObserveOptions {
  /** Where spans go. Default: what is registered globally. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Where measurements go. Default: what is registered globally. */
  readonly meterProvider?: MeterProvider | undefined;
  /** The session's span is a child of the span in it. Default: the active one. */
  readonly context?: Context | undefined;
  /**
   * A span and a measurement for each task: reads every commit, one GET each. Default true; without, attempts are told only of tasks that
   * failed, and how long tasks take is not measured.
   */
  readonly tasks?: boolean | undefined;
}

export interface Observation {
  /** Resolves when all was told: the session is over and its workers are gone, it is paused or removed, or `stop` was called. Never rejects. */
  readonly ended: Promise<void>;
  /** Tells what happened up to now, ends the session's span and resolves. Idempotent. Never rejects. What was handed over is flushed by the SDK. */
  stop(): Promise<void>;
}

/** What takes events in. */
interface Listener {
  take(event: SessionEvent): void;
  end(session: AttachedSession): Promise<void> | void;
}

/**
 * Tells OpenTelemetry what happens in a session, from its begin on, whoever works on it: traces of session, batches and attempts, and
 * metrics. Returns at once, and does nothing at all when nobody has registered an SDK before. What fails here is told to
 * OpenTelemetry's `diag` and to nobody else: the session is not touched.
 */
export function observe(session: AttachedSession, options: ObserveOptions = {}): Observation {
  const listeners = listenersFor(session, options);
  if (listeners.length === 0) return { ended: Promise.resolve(), stop: () => Promise.resolve() };
  const stopping = new AbortController();
  const ended = follow(session, listeners, options.tasks ?? true, stopping.signal).catch((error: unknown) =>
    diag.error(`Session ${session.id} is observed no more.`, error),
  );
  return {
    ended,
    stop() {
      stopping.abort();
      return ended;
    },
  };
}

const name = "@skyburst/otel";

function listenersFor(session: AttachedSession, options: ObserveOptions): Listener[] {
  const tracer = (options.tracerProvider ?? trace).getTracer(name);
  const meter = (options.meterProvider ?? metrics).getMeter(name);
  const parent = options.context ?? context.active();
  return [
    ...(isRegistered(tracer) ? [new SessionSpans(tracer, session.id, parent)] : []),
    ...(meter === createNoopMeter() ? [] : [new SessionMetrics(meter, session.id)]),
  ];
}

async function follow(
  session: AttachedSession,
  listeners: readonly Listener[],
  outcomes: boolean,
  signal: AbortSignal,
): Promise<void> {
  const reading = session.events({ wait: true, outcomes, signal });
  try {
    for await (const event of reading) for (const listener of listeners) listener.take(event);
  } catch (error) {
    if (!signal.aborted && !isOfSession(error)) throw error;
    if (signal.aborted) {
      const rest = session.events({ from: reading.cursor, outcomes });
      for await (const event of rest) for (const listener of listeners) listener.take(event);
    }
  } finally {
    for (const listener of listeners) await listener.end(session);
  }
}

/** Core says so of a session that nobody can follow any more: what happened was told. */
function isOfSession(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "paused" || code === "workers" || code === "session";
}
