import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { startNode } from "./outlive/command.ts";
import { killAll, noneLeft, processesOf, signal } from "./outlive/processes.ts";
import { programArguments } from "./run-program.ts";
import { eventually, filesIn, temporaryDirectory } from "./session-under-test.ts";
import { open as flat } from "./stores/flat.ts";

let session = "";
afterEach(async () => {
  if (session !== "") await killAll(session);
});

test("whoever stands in opens a store that is a user's own file, as workers do", async () => {
  const [desk, path, scratch] = [temporaryDirectory(), temporaryDirectory(), temporaryDirectory()];
  const module = new URL("stores/flat.ts", import.meta.url).href;
  const configuration = `import { open } from ${JSON.stringify(module)};
export default { store: open({ path: ${JSON.stringify(path)} }) };`;
  writeFileSync(join(desk, "skyburst.config.mjs"), configuration);
  const job = JSON.stringify({ task: "gated", inputs: Array.from({ length: 4 }, () => ({ scratch, n: 0 })) });
  const client = startNode({ directory: desk, home: desk }, programArguments("outlive-client", "submit", job));
  session = (await client.printed(/^\S+(?=\n)/)).trim();
  await eventually("Two tasks that run", () => filesIn(scratch).filter((name) => name.startsWith("runs-")).length >= 2);
  signal(client.pid, "SIGKILL");
  await client.ended;
  const supervisors = () => processesOf(session).filter(({ role }) => role === "supervisor");
  await eventually("Somebody who stands in", () => supervisors().length > 0);
  const workers = () =>
    processesOf(session)
      .filter(({ role }) => role === "worker")
      .map(({ pid }) => pid);
  const before = workers();
  signal(before[0] ?? 0, "SIGKILL");
  await eventually("A worker in its place", () => workers().some((pid) => !before.includes(pid)));
  writeFileSync(join(scratch, "gate-0"), "");
  await noneLeft(session);
  expect((await checkSession(flat({ path }), session, { ended: false })).size).toBe(4);
});
