import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diag, DiagLogLevel, metrics, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { local } from "@skyburst/backend-local";
import { attachSession, open } from "@skyburst/core";
import type { CostEstimator, StateStore } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { observe } from "../src/index.ts";
import { flaky } from "./tasks.ts";

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "skyburst-otel-"));
});
afterEach(() => {
  trace.disable();
  metrics.disable();
  diag.disable();
  rmSync(place, { recursive: true, force: true });
});

const costs: CostEstimator = {
  worker: async () => ({ amount: 36, currency: "USD", unit: "hour", source: "made up" }),
  store: async () => undefined,
};

function opened(store: StateStore = directory(place)) {
  return open({ store, backend: local(), costs, workers: 2, spec: { slots: 1 }, retries: 1, name: "night" });
}

/** An SDK that keeps what it is given. */
function sdk() {
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  return {
    tracerProvider,
    meterProvider,
    spans: () => spans.getFinishedSpans(),
    /** Values of each metric by the attribute that tells them apart. */
    async measured(): Promise<Record<string, Record<string, unknown>>> {
      await meterProvider.forceFlush();
      const all =
        exporter
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
      return Object.fromEntries(
        all.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          Object.fromEntries(
            dataPoints.map(({ attributes, value }) => {
              const { "skyburst.session": _, ...own } = attributes;
              return [Object.values(own).join(), value];
            }),
          ),
        ]),
      );
    },
  };
}

function named(spans: readonly ReadableSpan[], name: string): readonly ReadableSpan[] {
  return spans.filter((span) => span.name === name);
}

const milliseconds = ([seconds, nanoseconds]: readonly [number, number]) => seconds * 1000 + nanoseconds / 1e6;

test("a run is one trace of session, batches and attempts, and is measured", async () => {
  const { tracerProvider, meterProvider, spans, measured } = sdk();
  const session = await opened();
  const observation = observe(session, { tracerProvider, meterProvider });
  await expect(session.map(flaky, [1, 2, 3, 4, 5]).values()).rejects.toThrow("2");
  await session.close();
  await observation.stop();

  const [root, ...others] = named(spans(), "skyburst.session");
  if (!root) throw new Error("There is no span of the session.");
  expect(others).toEqual([]);
  expect(root.attributes).toEqual({ "skyburst.session": session.id, "skyburst.name": "night" });
  expect(root.status.code).toBe(SpanStatusCode.ERROR);
  expect(root.events.map(({ name }) => name)).toContain("wave");
  expect(new Set(spans().map((span) => span.spanContext().traceId)).size).toBe(1);

  const batches = named(spans(), "skyburst.batch");
  expect(new Set(batches.map((span) => span.parentSpanContext?.spanId))).toEqual(new Set([root.spanContext().spanId]));
  for (const batch of batches) {
    expect(milliseconds(batch.startTime)).toBeLessThanOrEqual(milliseconds(batch.endTime));
    expect(milliseconds(batch.endTime)).toBeLessThanOrEqual(milliseconds(root.endTime));
  }

  const attempts = named(spans(), "skyburst.attempt");
  const known = new Set(batches.map((span) => span.spanContext().spanId));
  expect(attempts.every((span) => known.has(span.parentSpanContext?.spanId ?? ""))).toBe(true);
  const told = attempts.map(({ attributes, status }) =>
    [attributes["skyburst.task"], attributes["skyburst.attempt"], status.message ?? "succeeded"].join(" "),
  );
  expect(told.sort((a, b) => a.localeCompare(b))).toEqual([
    "0 1 succeeded",
    "1 1 Error: not yet",
    "1 2 succeeded",
    "2 1 RangeError: never",
    "2 2 RangeError: never",
    "3 1 Error: not yet",
    "3 2 succeeded",
    "4 1 succeeded",
  ]);

  const { amount } = (await (await attachSession(directory(place), "night", { costs })).receipt()).cost.total ?? {};
  expect(await measured()).toMatchObject({
    "skyburst.tasks": { succeeded: 4, failed: 1 },
    "skyburst.retries": { user: 3 },
    "skyburst.workers": { "": 0 },
    "skyburst.task.duration": { succeeded: { count: 4 }, failed: { count: 1 } },
    "skyburst.cost": { USD: amount },
  });
});

test("without an SDK nothing is read, and nothing is told", async () => {
  let requests = 0;
  const store = directory(place);
  const counted: StateStore = new Proxy(store, {
    get(target, member) {
      const value: unknown = Reflect.get(target, member, target);
      if (typeof value !== "function") return value;
      return (...given: unknown[]): unknown => {
        requests++;
        return Reflect.apply(value, target, given);
      };
    },
  });
  const session = await opened();
  await session.map(flaky, [1, 5]).values();
  await session.close();
  const attached = await attachSession(counted, "night");
  const before = requests;
  const observation = observe(attached);
  await observation.ended;
  await observation.stop();
  expect(requests).toBe(before);
});

test("what is registered globally is found, and what is read is told without names of tasks where those are not wanted", async () => {
  const { tracerProvider, meterProvider, spans, measured } = sdk();
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  const session = await opened();
  const observation = observe(session, { tasks: false });
  await expect(session.map(flaky, [1, 3]).values()).rejects.toThrow("1");
  await session.close();
  await observation.ended;
  await observation.stop();
  expect(named(spans(), "skyburst.session")).toHaveLength(1);
  expect(named(spans(), "skyburst.attempt").map(({ attributes }) => attributes["skyburst.task"])).toEqual([1, 1]);
  const { "skyburst.task.duration": durations, ...others } = await measured();
  expect(durations).toBeUndefined();
  expect(others).toMatchObject({ "skyburst.tasks": { succeeded: 1, failed: 1 } });
});

test("what fails while it observes is told to diag, and the session goes on", async () => {
  const said: unknown[] = [];
  const ignore = () => undefined;
  diag.setLogger(
    { error: (...words) => said.push(words), warn: ignore, info: ignore, debug: ignore, verbose: ignore },
    DiagLogLevel.ERROR,
  );
  const { tracerProvider } = sdk();
  const broken: typeof tracerProvider = Object.create(tracerProvider, {
    getTracer: {
      value: (name: string) => {
        const tracer = tracerProvider.getTracer(name);
        return {
          startSpan: (called: string, ...rest: [object]) => {
            if (called === "skyburst.batch") throw new Error("no room");
            return tracer.startSpan(called, ...rest);
          },
        };
      },
    },
  }) as typeof tracerProvider;
  const session = await opened();
  const observation = observe(session, { tracerProvider: broken });
  expect(await session.map(flaky, [1, 5, 7]).values()).toEqual([1, 5, 7]);
  await session.close();
  await observation.stop();
  expect(said).toEqual([[expect.stringContaining(session.id), expect.objectContaining({ message: "no room" })]]);
});
