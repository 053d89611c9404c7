import { expect, test } from "vitest";
import { SupervisedSession } from "../../../../test/supervised-session.ts";
import { facts as factsOf } from "../../../protocol/facts.ts";
import { MemoryNeeds } from "./memory-needs.ts";

const minute = 60_000;

async function session(): Promise<SupervisedSession> {
  const begun = new SupervisedSession();
  await begun.begin();
  return begun;
}

const memories = ({ provider }: SupervisedSession) => provider.launches.map(({ spec }) => spec.memory);

test("in the place of who had too little memory somebody with more is launched, once for each", async () => {
  const it = await session();
  await it.submit("theirs", 4, { factor: 2 });
  const { supervisor } = await it.client("a", { epoch: 1, workers: 2 });
  supervisor.grown();
  await it.time.pass(0);
  for (const slot of [0, 1]) await it.born(0, slot);
  await it.gone(0, 0, "memory", 128);
  it.provider.end("m0.0.0", { reason: "done", code: 0 });
  await it.time.pass(minute);
  expect(memories(it)).toEqual([undefined, 128]);
  const fact = it.read(it.keys.launch(1));
  expect(fact).toMatchObject({ spec: { memory: 128 }, because: expect.stringContaining("what is left needs") });
  expect(it.provider.launches[1]?.args).toContain("--memory=128");
  // The other one leaves because there is nothing to do: nobody needs more for that.
  await it.gone(0, 1, "stopped");
  it.provider.end("m0.1.1", { reason: "done", code: 0 });
  await it.time.pass(minute);
  expect(memories(it)).toEqual([undefined, 128, undefined]);
});

test("as long as not all of them were given, more are asked for that have as much", async () => {
  const it = await session();
  await it.submit("theirs", 4, { factor: 2 });
  const { supervisor } = await it.client("a", { epoch: 1, workers: 1 });
  supervisor.grown();
  await it.time.pass(0);
  await it.born(0, 0);
  it.provider.answer = ({ slots }) => ({
    started: [],
    refused: slots.map((slot) => ({ slot, kind: "capacity", message: "full" })),
  });
  await it.gone(0, 0, "memory", 128);
  it.provider.end("m0.0.0", { reason: "done", code: 0 });
  await it.time.pass(minute);
  it.provider.answer = undefined;
  await it.time.pass(minute);
  const [, ...later] = memories(it);
  expect(later.length).toBeGreaterThan(1);
  expect(new Set(later)).toEqual(new Set([128]));
});

test("what was said before this supervisor came is old, and what is said by one that was taken for lost counts", async () => {
  const it = await session();
  await it.submit("theirs", 4, { factor: 2 });
  await it.born(0, 0);
  await it.gone(0, 0, "memory", 128);
  const facts = factsOf(it.store, it.time.process("b").runtime);
  const needs = new MemoryNeeds(facts, it.keys);
  await needs.hear(await it.ledger());
  expect(needs.memory).toBeUndefined();
  await it.gone(0, 1, "lost");
  await it.gone(0, 2, "memory", 64);
  await it.gone(0, 3, "memory", 96);
  await needs.hear(await it.ledger());
  expect(needs.specOf({ slots: 1 })).toEqual({ slots: 1, memory: 96 });
  expect(needs.specOf({ memory: 256 })).toEqual({ memory: 256 });
  needs.met(64);
  expect(needs.memory).toBe(96);
  needs.met(96);
  expect(needs.memory).toBeUndefined();
});

test("nothing is asked for where no task can come to need more", async () => {
  const it = await session();
  await it.submit("theirs", 4);
  const needs = new MemoryNeeds(factsOf(it.store, it.time.process("b").runtime), it.keys);
  needs.begin();
  const ledger = await it.ledger();
  const before = it.store.operations.length;
  await needs.hear(ledger);
  expect(it.store.operations.slice(before)).toEqual([]);
});
