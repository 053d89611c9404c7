import { selfTest } from "@skyburst/core";
import type { StateStore } from "@skyburst/core";
import { randomText, systemRuntime } from "@skyburst/core/protocol";
import { check, messageOf, milliseconds } from "./check.ts";
import type { Check } from "./check.ts";

/** How often each operation is timed; the middle one counts. */
const times = 5;

/** Whether the store can be reached, keeps its contract, and how quick it is. Leaves nothing behind but the mark of the test. */
export async function* checkStore(store: StateStore): AsyncGenerator<Check> {
  const reached = await check("store", "answers", async () => {
    const sent = performance.now();
    const now = await store.now();
    const took = performance.now() - sent;
    return `after ${milliseconds(took)}; ${clockDifference(now - (Date.now() - took / 2))}`;
  });
  yield reached;
  if (reached.result === "ok") {
    yield* contract(store);
    yield await check("store", "latency", () => latency(store));
  } else {
    for (const name of ["contract", "latency"]) yield skipped(name);
  }
}

function skipped(name: string): Check {
  return { subject: "store", name, result: "skipped", detail: "the store has to answer first" };
}

/** Nothing depends on it but signatures of requests, which S3 refuses from 15 minutes on: then the store does not answer. */
function clockDifference(ms: number): string {
  const seconds = Math.abs(ms / 1000);
  if (seconds < 1) return "its clock is this machine's";
  return `its clock is ${seconds.toFixed(0)} s ${ms > 0 ? "ahead of" : "behind"} this machine's`;
}

async function* contract(store: StateStore): AsyncGenerator<Check> {
  try {
    for (const { name, fault } of await selfTest(store, { again: true }))
      yield {
        subject: "store",
        name,
        result: fault === undefined ? "ok" : "failed",
        detail: fault === undefined ? "" : `${fault}. It can't carry a session: use another store.`,
      };
  } catch (error) {
    yield { subject: "store", name: "contract", result: "failed", detail: messageOf(error) };
  }
}

async function latency(store: StateStore): Promise<string> {
  const prefix = `doctor/${randomText(systemRuntime, 12)}/`;
  const keys = Array.from({ length: times }, (_, n) => `${prefix}${n}`);
  const body = new TextEncoder().encode("how long does it take?");
  const operations = {
    create: (key: string) => store.create(key, body, { exclusive: true }),
    get: (key: string) => store.get(key),
    list: async () => {
      for await (const page of store.list(prefix))
        if (page.entries.length === 0) throw new Error("An object that was created is not listed.");
    },
    put: (key: string) => store.put(key, body),
    delete: (key: string) => store.delete([key]),
  };
  const told: string[] = [];
  for (const [name, operation] of Object.entries(operations)) {
    const took: number[] = [];
    for (const key of keys) {
      const sent = performance.now();
      await operation(key);
      took.push(performance.now() - sent);
    }
    told.push(`${name} ${milliseconds(took.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0)}`);
  }
  return told.join(", ");
}
