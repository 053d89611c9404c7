import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { startNode } from "./outlive/command.ts";
import { directoryGround } from "./outlive/ground.ts";
import { byApi } from "./outlive/hands.ts";
import { noneLeft, processesOf, signal } from "./outlive/processes.ts";
import { Stage } from "./outlive/stage.ts";
import { programArguments } from "./run-program.ts";
import { eventually } from "./session-under-test.ts";

test("a client that was frozen and comes back leaves the fleet to who stands in, and nothing is launched twice", async () => {
  const ground = directoryGround();
  const stage = new Stage(ground, byApi);
  const job = JSON.stringify({ task: "gated", inputs: stage.scenes(12) });
  const client = startNode(ground.desk(), programArguments("outlive-client", "submit", job));
  try {
    const session = (await client.printed(/^\S+(?=\n)/)).trim();
    await stage.running(2);
    const before = processesOf(session);
    const keysUnder = async (kind: string) => {
      const keys: string[] = [];
      for await (const { entries } of ground.store.list(`s/${session}/${kind}/`))
        keys.push(...entries.map(({ key }) => key));
      return keys;
    };
    const launches = await keysUnder("launch");
    signal(client.pid, "SIGSTOP");
    await eventually("Somebody who stands in", () => processesOf(session).length > before.length);
    await eventually("It supervises", async () => (await keysUnder("supervisor")).length === 2);
    signal(client.pid, "SIGCONT");
    stage.openGate(0);
    await noneLeft(session);
    expect(await keysUnder("launch")).toEqual(launches);
    expect((await checkSession(ground.store, session)).size).toBe(12);
  } finally {
    signal(client.pid, "SIGKILL");
    await stage.clear();
  }
});
