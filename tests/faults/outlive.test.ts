import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { eventually } from "./session-under-test.ts";
import { killAll, noneLeft, processesOf } from "./outlive/processes.ts";
import { onEveryStage } from "./outlive/stage.ts";

const succeeded = (count: number, value: (task: number) => unknown) =>
  Array.from({ length: count }, (_, task) => ({ task, status: "succeeded", value: value(task) }));

await onEveryStage((stage) => {
  test("submitted, left and collected elsewhere, by two at a time; in the end no process is left", async () => {
    const { hands, ground } = stage();
    const session = await hands.submit({ task: "gated", inputs: stage().scenes(40, (n) => (n < 10 ? 0 : 1)) });
    expect(await hands.collect(session, false)).toEqual([]);
    const both = Promise.all([hands.collect(session, true), hands.collect(session, true)]);
    stage().openGate(0);
    await eventually("Ten outcomes", async () => (await hands.status(session)).succeeded === 10);
    stage().openGate(1);
    const all = succeeded(40, (n) => (n < 10 ? 0 : 1));
    expect(await both).toEqual([all, all]);
    expect(await hands.collect(session, false)).toEqual(all);
    expect(await hands.status(session)).toMatchObject({ state: "done", tasks: 40, succeeded: 40, running: 0 });
    await noneLeft(session);
    expect((await checkSession(ground.store, session)).size).toBe(40);
  });

  test.each(["SIGKILL", "SIGHUP"] as const)(
    "a client that gets a %s right behind its submit loses nothing",
    async (signal) => {
      const { hands, ground } = stage();
      const session = await hands.abandon({ task: "gated", inputs: stage().scenes(20) }, signal);
      const collecting = hands.collect(session, true);
      stage().openGate(0);
      expect(await collecting).toEqual(succeeded(20, () => 0));
      await noneLeft(session);
      expect((await checkSession(ground.store, session)).size).toBe(20);
    },
  );

  test("whoever collects goes on with what a machine lost that was switched off", async () => {
    const { hands, ground } = stage();
    const session = await hands.abandon({ task: "gated", inputs: stage().scenes(20) }, "SIGKILL");
    await eventually("A worker", () => processesOf(session).some(({ role }) => role === "worker"));
    await killAll(session);
    stage().openGate(0);
    expect(await hands.collect(session, true)).toEqual(succeeded(20, () => 0));
    await noneLeft(session);
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(20);
  });

  test("three add inputs at a time while workers finish what is there: each of them runs once", async () => {
    const { hands, ground } = stage();
    const session = await hands.submit({ task: "square", inputs: [0, 1, 2], open: true });
    const adding = [0, 1, 2].map(async (submitter) => {
      for (const round of [0, 1, 2]) {
        const first = 1000 * (submitter * 3 + round + 1);
        await hands.add(session, { task: "square", inputs: Array.from({ length: 20 }, (_, n) => first + n) });
      }
    });
    await Promise.all(adding);
    await hands.end(session);
    const told = await hands.collect(session, true);
    expect(told.map(({ task }) => task)).toEqual(Array.from({ length: 183 }, (_, n) => n));
    const roots = told.map(({ value }) => Math.sqrt(Number(value)));
    const expected = [0, 1, 2, ...Array.from({ length: 180 }, (_, n) => 1000 * (Math.floor(n / 20) + 1) + (n % 20))];
    expect(roots.sort((a, b) => a - b)).toEqual(expected);
    await expect(hands.add(session, { task: "square", inputs: [1] })).rejects.toThrow("ended");
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(183);
  });

  test("a submitter that was killed before its entry goes on under its id, and then adds nothing", async () => {
    const { hands, ground } = stage();
    const session = await hands.submit({ task: "square", inputs: [0, 1, 2], open: true });
    const more = { task: "square", inputs: [3, 4, 5] } as const;
    await hands.addInVain(session, more, "mine");
    expect((await hands.status(session)).tasks).toBe(3);
    await hands.add(session, more, "mine");
    await hands.add(session, more, "mine");
    expect((await hands.status(session)).tasks).toBe(6);
    await expect(hands.add(session, { task: "square", inputs: [3, 4, 6] }, "mine")).rejects.toThrow("mine");
    await hands.end(session);
    expect(await hands.collect(session, true)).toEqual(succeeded(6, (n) => n * n));
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(6);
  });
});
