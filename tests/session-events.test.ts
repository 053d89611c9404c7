import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { attachSession, open } from "@skyburst/core";
import type { AttachedSession, CostEstimator, EventOptions, EventOutcome, SessionEvent } from "@skyburst/core";
import type { StateStore } from "@skyburst/core";
import { unavailable } from "@skyburst/engines";
import { directory } from "@skyburst/state-fs";
import { s3 } from "@skyburst/state-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventful } from "./event-tasks.ts";
import { s3Place, type S3Place } from "./faults/s3-place.ts";

const missing = await unavailable("versitygw");

let server: S3Place | undefined;
beforeAll(async () => {
  if (missing === undefined) server = await s3Place();
});
afterAll(() => server?.stop());

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "skyburst-events-"));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const stores: readonly (readonly [name: string, open: () => StateStore])[] = [
  ["a directory", () => directory(join(place, "store"))],
  ["S3", () => s3({ bucket: server?.bucket ?? "", endpoint: server?.server.endpoint, pace: hurried })],
];
/** S3's clock tells seconds only, however hurried who reads it is. */
const hurried = { ttl: 5000, commitInterval: 200, poll: [20, 300] } as const;

const costs: CostEstimator = {
  worker: async () => ({ amount: 36, currency: "USD", unit: "hour", source: "made up" }),
  store: async () => undefined,
};

type Told<Type extends SessionEvent["type"]> = Extract<SessionEvent, { readonly type: Type }>;

async function told(session: AttachedSession, options: EventOptions = {}): Promise<readonly SessionEvent[]> {
  const events: SessionEvent[] = [];
  for await (const event of session.events({ outcomes: true, ...options })) events.push(event);
  return events;
}

function texts(events: readonly SessionEvent[]): readonly string[] {
  return events.map((event) => JSON.stringify(event)).sort((a, b) => a.localeCompare(b));
}

function typed<Type extends SessionEvent["type"]>(events: readonly SessionEvent[], type: Type): Told<Type>[] {
  return events.filter((event): event is Told<Type> => event.type === type);
}

describe.each(stores)("on %s", (name, storeOf) => {
  test.skipIf(name === "S3" && missing !== undefined)(
    "after kills and retries, events tell the same story as outcomes, status and receipt, live and afterwards",
    { timeout: 120_000 },
    async () => {
      const scratch = mkdtempSync(join(place, "scratch-"));
      const inputs = Array.from({ length: 120 }, (_, n) => ({ n, scratch }));
      const store = storeOf();
      const session = await open({ store, backend: local(), costs, workers: 3, spec: { slots: 1 }, retries: 1 });
      const live = told(await attachSession(storeOf(), session.id), { wait: true });
      await expect(session.map(eventful, inputs).values()).rejects.toThrow("9");
      writeFileSync(join(scratch, "mended"), "");
      expect(await session.retryFailed({ task: [9, 39] })).toMatchObject({ tasks: 2 });
      for await (const _ of session.outcomes({ wait: true }));
      await session.close();

      const elsewhere = await attachSession(storeOf(), session.id, { costs });
      const events = await told(elsewhere);
      expect(texts(await live)).toEqual(texts(events));
      const status = await elsewhere.status();
      const receipt = await elsewhere.receipt();

      // The newest outcome of each task is what a reader is told.
      const outcomes = typed(events, "committed").flatMap((event) => event.outcomes ?? []);
      const newest = new Map<number, EventOutcome>(outcomes.map((outcome) => [outcome.task, outcome]));
      for await (const { task, index, status: kind, attempts, seconds } of elsewhere.outcomes())
        expect(newest.get(task)).toMatchObject({ task, index, status: kind, attempts, seconds });
      expect(newest.size).toBe(status.tasks);

      const sum = (of: (event: Told<"committed">) => number) =>
        typed(events, "committed").reduce((total, event) => total + of(event), 0);
      expect(sum(({ succeeded }) => succeeded)).toBe(status.succeeded);
      expect(status).toMatchObject({ state: "done", tasks: 120, succeeded: 118, failed: 2 });
      // Four failed, and two of them were started again and did better.
      expect(
        typed(events, "failed")
          .map(({ task }) => task)
          .sort((a, b) => a - b),
      ).toEqual([9, 39, 69, 99]);
      expect(sum(({ failed }) => failed)).toBe(4);
      expect(typed(events, "rerun")).toMatchObject([{ tasks: [9, 39] }]);
      expect(typed(events, "retried")).toHaveLength(outcomes.reduce((total, { attempts }) => total + attempts - 1, 0));

      const crashes = typed(events, "gone").filter(({ reason }) => reason === "crash");
      expect(crashes).toHaveLength(3);
      expect(typed(events, "exited").filter(({ signal }) => signal === "SIGKILL")).toHaveLength(3);
      expect(typed(events, "leased").some(({ because }) => because === "crash")).toBe(true);
      expect(new Set(typed(events, "born").map(({ worker }) => worker.split(".", 2).join("."))).size).toBe(
        receipt.workers.processes,
      );
      expect(receipt.waste.lost.workers).toBe(crashes.length);
      expect(receipt.final).toBe(true);
      const billed = typed(events, "exited").reduce(
        (ms, { startedAt = 0, stoppedAt = 0 }) => ms + stoppedAt - startedAt,
        0,
      );
      expect(billed / 3_600_000).toBeCloseTo(receipt.workers.hours, 6);
    },
  );
});
