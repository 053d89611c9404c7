import { describe, expect, test } from "vitest";
import { SupervisedSession } from "../../../test/supervised-session.ts";
import type { BackendCapabilities } from "../../backend.ts";
import type { StateStore } from "../../store.ts";
import { supervise } from "./supervise.ts";
import type { SuperviseOptions } from "./supervise.ts";

const fleet = { workers: 2, backend: "fake", spec: { slots: 1 } };
const opens = { STORE_KEY: "of the store" };

/** A session that was begun with these secrets, and somebody who comes to supervise it. */
async function comes(
  names: readonly string[],
  options: Partial<SuperviseOptions>,
  capabilities: Partial<BackendCapabilities> = { secrets: true },
) {
  const session = new SupervisedSession();
  await session.begin({ fleet, ...(names.length > 0 ? { secrets: names } : {}) });
  session.provider.capabilities = { ...session.provider.capabilities, ...capabilities };
  const process = session.time.process("daemon");
  const store: StateStore = { ...session.storeOf(process), credentials: () => Promise.resolve(opens) };
  const backend = session.provider.backend(process);
  let error: unknown;
  supervise({ store, backend, session: "s", runtime: process.runtime, ...options }).catch((thrown: unknown) => {
    error = thrown;
  });
  await session.time.pass(1000);
  return {
    launches: session.provider.launches,
    answer: session.read(session.keys.launched(0)),
    error,
  };
}

describe("workers are given", () => {
  test("the session's secrets with what opens the store, and the names of the first as an argument", async () => {
    const { launches } = await comes(["A", "B"], { secrets: { B: "of B", A: "of A" } });
    expect(launches).toMatchObject([{ secrets: { STORE_KEY: "of the store", A: "of A", B: "of B" } }]);
    expect(launches[0]?.args).toContain("--secrets=A,B");
    expect(launches[0]?.args.join(" ")).not.toMatch(/of the store|of A|of B/);
  });

  test("nothing where there is nothing to give", async () => {
    const { launches } = await comes([], {}, {});
    expect(launches).toHaveLength(1);
    expect(launches[0]).not.toHaveProperty("secrets");
    expect(launches[0]?.args.join(" ")).not.toContain("--secrets");
  });

  test("not what opens the store where they have what the client has", async () => {
    const { launches } = await comes(["A"], { secrets: { A: "1" } }, { secrets: true, sharesFileSystem: true });
    expect(launches).toMatchObject([{ secrets: { A: "1" } }]);
    expect(launches[0]?.secrets).not.toHaveProperty("STORE_KEY");
  });

  test("a secret of the name by which the store is opened only if it is the same", async () => {
    const same = await comes(["STORE_KEY"], { secrets: opens });
    expect(same.launches).toMatchObject([{ secrets: opens }]);
    const other = await comes(["STORE_KEY"], { secrets: { STORE_KEY: "another" } });
    expect(other.launches).toEqual([]);
    const message = expect.stringContaining("The store is opened by another STORE_KEY than the secret of that name");
    expect(other.answer).toMatchObject({ started: [], refused: [{ slot: 0, kind: "option", message }, { slot: 1 }] });
    expect(other.error).toMatchObject({ code: "workers", message });
  });
});

describe("nothing is launched by who", () => {
  test.each([
    [
      "has not all secrets of the session",
      { secrets: { A: "1" } },
      { secrets: true },
      /need the secret B, and nobody keeps/,
    ],
    ["has others", { secrets: { A: "1", B: "2", C: "3" } }, { secrets: true }, /begun without the secret C/],
    ["has none", {}, { secrets: true }, /need the secrets A, B, and nobody keeps/],
    [
      "can't hand them over",
      { secrets: { A: "1", B: "2" } },
      {},
      /The fake backend has no way to hand the secrets A, B/,
    ],
    ["has one that can't be", { secrets: { A: "", B: "2" } }, { secrets: true }, /The secret "A" is empty/],
  ])("%s, who is told so", async (_, options, capabilities, message) => {
    const { launches, error } = await comes(["A", "B"], options, capabilities);
    expect(error).toMatchObject({ code: "option", message: expect.stringMatching(message) });
    expect(launches).toEqual([]);
  });
});
