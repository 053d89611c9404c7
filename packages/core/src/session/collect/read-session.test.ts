import fc from "fast-check";
import { expect, test } from "vitest";
import { PlayedSession } from "../../../test/played-session.ts";
import type { Play } from "../../../test/played-session.ts";
import type { Outcome } from "../../outcome.ts";
import type { Turn } from "../../protocol/turn.ts";

/** What happens next in a session of workers that are played and a reader that goes away and comes back. */
const steps = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant("work" as const),
        chunks: fc.tuple(fc.nat(5), fc.nat(5)),
        plays: plays(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("retry" as const),
        tasks: fc.option(fc.array(fc.nat(23), { minLength: 1, maxLength: 3 }), { freq: 2 }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("read" as const), most: fc.integer({ min: 0, max: 12 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("grow" as const) }) },
  ),
  { minLength: 60, maxLength: 60 },
);

function plays() {
  return fc.array(fc.constantFrom<Play>("succeeded", "failed", "failed", "again"), { minLength: 2, maxLength: 2 });
}

test("readings that go on at each other's cursors tell every outcome once, in order, and after a retry the new one", async () => {
  let toldAgain = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const session = new PlayedSession();
      await session.create();
      await session.submit("a", 10, 3);
      await session.submit("b", 6, 4);
      const turns = new Map<number, Turn>();
      const told = new Map<number, string[]>();
      let cursor = "";
      const work = (number: number, play: Play[]) => session.work(turns, number, play);
      const read = async (most: number) => {
        const reading = (await session.attach()).outcomes({ from: cursor });
        let last = -1;
        for await (const outcome of reading) {
          expect(outcome.task).toBeGreaterThan(last);
          last = outcome.task;
          told.set(outcome.task, [...(told.get(outcome.task) ?? []), textOf(outcome)]);
          if (--most <= 0) break;
        }
        cursor = reading.cursor;
        return reading.complete;
      };
      for (const step of script) {
        const { chunks, tasks } = await session.ledger();
        if (step.do === "work") await work(Math.min(...step.chunks), [...step.plays]);
        else if (step.do === "read") await read(step.most);
        else if (step.do === "grow") await (chunks < 12 && session.submit(`c${chunks}`, 4, 2));
        else
          await session.enter({
            op: "retry",
            ...(step.tasks ? { tasks: step.tasks.filter((task) => task < tasks) } : {}),
          });
      }
      const { chunks, tasks } = await session.ledger();
      for (let number = 0; number < chunks; number++) while (await work(number, []));
      expect(await read(Number.POSITIVE_INFINITY)).toBe(true);
      const all = new Map<number, string>();
      for await (const outcome of (await session.attach()).outcomes()) all.set(outcome.task, textOf(outcome));
      expect([...all.keys()]).toEqual(Array.from({ length: tasks }, (_, task) => task));
      for (const [task, text] of all) expect(told.get(task)?.at(-1)).toBe(text);
      for (const texts of told.values()) expect(new Set(texts).size).toBe(texts.length);
      toldAgain += [...told.values()].filter((texts) => texts.length > 1).length;
    }),
    { numRuns: 60 },
  );
  expect(toldAgain).toBeGreaterThan(20);
});

/** Each run of a task has a number of its own. */
function textOf(outcome: Outcome<unknown>): string {
  if (outcome.status === "failed") return `failed ${outcome.error.message}`;
  return outcome.status === "succeeded" ? `succeeded ${String(outcome.value)}` : "cancelled";
}
