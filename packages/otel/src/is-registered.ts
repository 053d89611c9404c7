import { ROOT_CONTEXT, trace, TraceFlags } from "@opentelemetry/api";
import type { Tracer } from "@opentelemetry/api";

/**
 * Whether an SDK stands behind a tracer. Without one, the API gives a span that is its own parent, as OpenTelemetry specifies; an SDK
 * gives a new one, which it does not record, since its parent is not sampled.
 */
export function isRegistered(tracer: Tracer): boolean {
  const parent = { traceId: "5c4b0257".repeat(4), spanId: "5c4b0257".repeat(2), traceFlags: TraceFlags.NONE };
  const span = tracer.startSpan("skyburst.probe", {}, trace.setSpanContext(ROOT_CONTEXT, parent));
  return span.spanContext().spanId !== parent.spanId;
}
