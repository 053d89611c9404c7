import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type BackendFacts, backendSuite, runSuite } from "../../src/index.ts";
import { CAPACITY } from "./capacity.ts";
import { broken } from "./fault.ts";
import { LAUNCH } from "./launch.ts";
import { LIST } from "./list.ts";
import { SESSIONS } from "./sessions.ts";
import { SPEC } from "./spec.ts";
import { STOP } from "./stop.ts";
import { TEARDOWN } from "./teardown.ts";
import { WATCH } from "./watch.ts";
import { LingeringBackend, MemoryBackend, provider } from "./memory-backend.ts";
import type { Provider } from "./memory-backend.ts";

const facts: BackendFacts = {
  roles: ["watch", "capacity", "rate", "sessions", "logs", "teardown", "close"],
  publish: async (source) => {
    const sha256 = createHash("sha256").update(source).digest("hex");
    return { sha256, url: `memory:///${sha256}` };
  },
  verifiesProgram: true,
  signals: true,
  patience: 500,
};

test("a right backend passes", async () => {
  const on = provider();
  const elsewhere: Provider[] = [];
  const limited = (maxWorkers: number) => {
    elsewhere.push(provider());
    return new MemoryBackend(elsewhere.at(-1) ?? on, maxWorkers);
  };
  const rows = await runSuite((registrar) =>
    backendSuite(registrar, () => new MemoryBackend(on), { ...facts, limited }),
  );
  expect(rows.filter(({ passed }) => !passed)).toEqual([]);
  expect(rows.length).toBeGreaterThan(50);
  // Whatever the tests have started ended with them, wherever it ran.
  const workers = [on, ...elsewhere].map((place) => [...place.workers.values()]);
  expect(workers.every((of) => of.length > 0)).toBe(true);
  expect(workers.flat().filter(({ status }) => status.state !== "exited")).toEqual([]);
});

test("a right backend passes whose workers take a moment to end, and count until then", async () => {
  const on = provider();
  const limited = (maxWorkers: number) => new LingeringBackend(on, maxWorkers);
  const rows = await runSuite((registrar) =>
    backendSuite(registrar, () => new LingeringBackend(on), { ...facts, limited }),
  );
  expect(rows.filter(({ passed }) => !passed)).toEqual([]);
});

describe("a backend with a fault fails the tests that name it, and no others:", () => {
  test.each(Object.entries({ ...CAPACITY, ...LAUNCH, ...LIST, ...SESSIONS, ...SPEC, ...STOP, ...TEARDOWN, ...WATCH }))(
    "%s",
    async (_, { fault, fails, facts: stated }) => {
      const on = provider();
      const limited = (maxWorkers: number) => broken(provider(), fault, maxWorkers);
      const settled = { ...facts, limited, ...stated };
      const options = { timeout: 3000 };
      const rows = await runSuite((registrar) => backendSuite(registrar, () => broken(on, fault), settled), options);
      const failed = rows.filter(({ passed }) => !passed).map(({ group, test }) => `${group}: ${test}`);
      expect(failed.toSorted()).toEqual(fails.toSorted());
    },
  );
});
