import { listSessions } from "@skyburst/core";
import { expect, test } from "vitest";
import { onEveryFleetStage } from "./fleet/stage.ts";
import { noneLeft } from "./outlive/processes.ts";
import { eventually } from "./session-under-test.ts";

await onEveryFleetStage((stage) => {
  /** Of the only session that there is: nothing runs, and nothing is left to be billed. */
  const nothingLeft = async () => {
    const [entry, ...others] = await listSessions(stage().ground.store);
    expect(others).toEqual([]);
    await noneLeft(entry?.id ?? "");
    expect(stage().room.living()).toEqual([]);
  };

  test.each([
    {
      how: "refuses all, whatever is asked for",
      conditions: { refuses: { kind: "quota", message: "0 machines are what you may have: ask for a quota." } },
      said: [/quota/, /0 machines are what you may have: ask for a quota/],
    },
    { how: "takes all, and starts nothing", conditions: { machines: "silent" }, said: [/2 s/, /pending/] },
    {
      how: "starts machines on which no worker can begin",
      conditions: { machines: "stillborn" },
      said: [/no such runtime on this machine/],
    },
  ] as const)("a provider that $how: an error that says so, and nothing that goes on", async ({ conditions, said }) => {
    const { renter, room } = stage();
    room.conditions = conditions;
    const {
      heard,
      said: text,
      hopeless,
    } = await renter.map({
      task: "square",
      inputs: [1, 2, 3],
      startTimeout: 2000,
    });
    expect(heard).toEqual([]);
    for (const words of said) expect(text).toMatch(words);
    expect(text).toContain("rental");
    expect(hopeless).toBe(true);
    await nothingLeft();
  });

  test("workers that never begin, of a job that was left to them: its supervisor gives up, says why, and stops what it has started", async () => {
    const { renter, room } = stage();
    room.conditions = { machines: "silent" };
    const { session } = await renter.submit({ task: "square", inputs: [1, 2, 3], startTimeout: 2000 });
    const { failure } = await eventually("The end of patience", async () => {
      const { supervisor } = await stage().status(session);
      return supervisor?.failure === undefined ? undefined : supervisor;
    });
    expect(failure).toMatch(/2 s.*pending/);
    await eventually("The end of all machines", () => room.living(session).length === 0);
  });

  test.each([
    { kind: "image", throws: false, message: "There is no image node:99.", fix: /image/ },
    { kind: "permission", throws: true, message: "You may not start machines.", fix: /permission|credentials|role/ },
    { kind: "option", throws: false, message: "There is no machine with 900 processors.", fix: /spec|option/ },
  ] as const)(
    "a launch that fails for its $kind ends the job, and tells what to do",
    async ({ kind, throws, message, fix }) => {
      const { renter, room } = stage();
      room.conditions = { refuses: { kind, message }, throws };
      const { heard, said, hopeless } = await renter.map({ task: "square", inputs: [1, 2, 3] });
      expect(heard).toEqual([]);
      expect(said).toContain(message.slice(0, -1));
      expect(said.replace(message, "")).toMatch(fix);
      expect(hopeless).toBe(true);
      await nothingLeft();
    },
  );
});
