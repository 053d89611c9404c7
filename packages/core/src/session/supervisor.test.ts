import { expect, test } from "vitest";
import { MemoryStore, virtualRuntime } from "../../test/memory-store.ts";
import type { Backend, LaunchRequest } from "../backend.ts";
import { facts as factsOf } from "../protocol/facts.ts";
import { sessionKeys } from "../protocol/keys.ts";
import { appendEntry } from "../protocol/read-ledger.ts";
import type { Runtime } from "../runtime.ts";
import { LedgerView } from "./ledger-view.ts";
import { Supervisor } from "./supervisor.ts";

/** A provider without room, which says now and then when to ask again. */
function refusing(launches: LaunchRequest[]): Backend {
  return {
    name: "full",
    capabilities: { spec: ["slots"], maxWorkers: 10, slots: 1, token: true, sharesFileSystem: false, spot: false },
    async launch(request) {
      launches.push(request);
      const retryAfter = 60_000 - launches.length * 1000;
      return {
        started: [],
        refused: request.slots.map((slot) => ({ slot, kind: "quota", message: "no", retryAfter })),
      };
    },
    list: () => Promise.resolve([]),
    stop: () => Promise.resolve(),
  };
}

test("waits for one moment at a time to ask a provider again that has no room", async () => {
  const store = new MemoryStore();
  const { runtime, waits, ringNext } = clock();
  const facts = factsOf(store, runtime);
  const keys = sessionKeys("s");
  const create = { op: "create" as const, created: 0, ttl: 1000, commitInterval: 100, linger: 0, crashBudget: 20 };
  const { ledger } = await appendEntry(facts, keys, undefined, { actor: "c", ordinal: 0, operations: [create] });
  const launches: LaunchRequest[] = [];
  const supervisor = new Supervisor({
    facts,
    keys,
    runtime,
    view: new LedgerView(facts, keys, ledger),
    backend: refusing(launches),
    spec: { slots: 1 },
    workers: 2,
    session: "s",
    client: "client.c",
    program: () => Promise.resolve({ sha256: "0", url: "file:///program.mjs" }),
  });
  supervisor.expect("a", 10, "command");
  for (let n = 0; n < 200; n++) {
    await settled();
    ringNext();
    supervisor.grown();
  }
  await settled();
  expect(launches.length).toBeGreaterThan(5);
  // One for the next launch, one for the next look at what runs.
  expect(waits.size).toBeLessThanOrEqual(2);
  await supervisor.leave();
  expect(waits.size).toBe(0);
});

/** Time that passes when it is told to, as far as the next thing that waits for it. */
function clock() {
  let now = 0;
  const waits = new Map<() => void, number>();
  const timer = (ms: number, ring: () => void) => {
    waits.set(ring, now + ms);
    return () => void waits.delete(ring);
  };
  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      const cancel = timer(ms, resolve);
      signal?.addEventListener("abort", () => {
        cancel();
        resolve();
      });
    });
  const ringNext = () => {
    const [next] = [...waits].sort(([, a], [, b]) => a - b);
    if (!next) return;
    now = next[1];
    waits.delete(next[0]);
    next[0]();
  };
  const runtime: Runtime = { ...virtualRuntime(), monotonic: () => now, sleep, timer };
  return { runtime, waits, ringNext };
}

/** Nothing here waits for anything but promises. */
async function settled(): Promise<void> {
  for (let n = 0; n < 10; n++) await new Promise((resolve) => setImmediate(resolve));
}
