import fc from "fast-check";
import { expect, test } from "vitest";
import { PlayedSession } from "../../../test/played-session.ts";
import type { Play } from "../../../test/played-session.ts";
import type { Turn } from "../../protocol/turn.ts";
import { collect } from "./collector.ts";
import { LedgerView } from "../ledger-view.ts";
import { readAsFinished } from "./read-as-finished.ts";
import { readInOrder } from "./read-in-order.ts";

const plays = fc.array(fc.constantFrom<Play>("succeeded", "failed", "again"), { minLength: 2, maxLength: 2 });

const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant("work" as const), chunk: fc.nat(3), plays }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("retry" as const) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("look" as const), quiet: fc.nat(3) }) },
  ),
  { minLength: 30, maxLength: 30 },
);

test.each([true, false])("a map, ordered %s, tells each task once, whatever is retried meanwhile", async (ordered) => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const session = new PlayedSession();
      await session.create();
      await session.submit("a", 10, 3);
      const { facts, keys, runtime } = session;
      const view = new LedgerView(facts, keys, await session.ledger());
      const options = { facts, keys, runtime, view, submission: "a", ordered, wait: false };
      const reading = ordered ? readInOrder(options) : readAsFinished(options);
      const turns = new Map<number, Turn>();
      const told: number[] = [];
      const work = (number: number, play: Play[]) => session.work(turns, number, play);
      const look = async (quiet: number) => {
        for await (const { lines, count } of reading.look(quiet)) {
          const texts = Buffer.from(lines).toString().trimEnd().split("\n");
          expect(texts).toHaveLength(count);
          for (const text of texts) told.push((JSON.parse(text) as { task: number }).task);
        }
      };
      for (const step of script) {
        if (step.do === "work") await work(step.chunk, [...step.plays]);
        else if (step.do === "look") await look(step.quiet);
        else await session.enter({ op: "retry" });
        await view.follow();
      }
      for (let number = 0; number < 4; number++) while (await work(number, []));
      for (let n = 0; n < 10 && !reading.complete(); n++) await look(1);
      expect(reading.complete()).toBe(true);
      expect(ordered ? told : told.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }),
    { numRuns: 60 },
  );
});

test("a map of a session that is paused, or has no workers, is not waited for", async () => {
  const session = new PlayedSession();
  await session.create();
  await session.submit("a", 1, 1);
  const { facts, keys, runtime } = session;
  const telling = async (failure?: () => unknown) => {
    const view = new LedgerView(facts, keys, await session.ledger());
    const options = { facts, keys, runtime, view, submission: "a", ordered: true, wait: true, failure };
    for await (const _ of collect(options));
  };
  await expect(telling(() => new Error("no image"))).rejects.toThrow("no image");
  await session.enter({ op: "pause", because: "crashes", message: "each of them kills" });
  await expect(telling()).rejects.toThrow("The session is paused: each of them kills");
});
