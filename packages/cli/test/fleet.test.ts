import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { allEnded, began, finish, killAll, killAllOf, stage, submitted, values } from "./detached.ts";
import { skyburst, started } from "./skyburst.ts";

afterAll(killAll);

/** Workers of this machine from a provider that does as `launch` says: `ours` launches as this machine does. */
function provider(launch: string, more = ""): string {
  return `
import { existsSync } from "node:fs";
import { local } from ${JSON.stringify(new URL(import.meta.resolve("@skyburst/backend-local")).pathname)};
const machine = local({ slots: 1 });
const ours = machine.launch;
/** Machines that were promised, and never start. */
const promised = [];
const promise = ({ launch, slots }) => {
  const added = slots.map((slot) => ({ id: "machine-" + slot, launch, slot, state: "pending" }));
  promised.push(...added);
  return { started: added, refused: [] };
};
const silent = {
  list: async () => promised,
  stop: async () => promised.forEach((worker) => Object.assign(worker, { state: "exited", exit: { reason: "stopped" } })),
  watch: undefined,
};
const refuse = ({ slots }, kind, message) => ({ started: [], refused: slots.map((slot) => ({ slot, kind, message })) });
export default { backend: { ...machine, name: "hired", launch: async (request, options) => { ${launch} }, ${more} } };`;
}

function hired(launch: string, more?: string): string {
  return stage({ "skyburst.config.ts": provider(launch, more), "in.jsonl": "1\n2\n" });
}

/** Lines of progress may stand before it, on a busy machine. */
function lastLine(text: string): string | undefined {
  return text.trimEnd().split("\n").at(-1);
}

describe.concurrent("a job whose workers do not come", () => {
  test("says what it waits for and for how long, and goes on when there is room", async () => {
    const cwd = hired(`
      if (existsSync("room")) return ours(request, options);
      return refuse(request, "quota", "You may have no machines today.");`);
    const running = started(cwd, ["map", "task.ts#square", "in.jsonl"]);
    while (!running.errors().includes("waiting")) await once(running.stderr, "data");
    writeFileSync(join(cwd, "room"), "");
    expect(await running.ended).toBe(0);
    expect(running.errors()).toMatch(
      /^skyburst: 0\/2 0% {2}0 workers {2}waiting \d+s: quota: 1 of 1 were refused, again in .*$/m,
    );
  });

  test.each([
    ["permission", "Ask for the role of those who launch."],
    ["image", "There is no such image."],
  ])("ends at once where waiting does not help: %s", async (kind, message) => {
    const cwd = hired(`return refuse(request, ${JSON.stringify(kind)}, ${JSON.stringify(message)});`);
    const { stdout, stderr, exitCode } = await skyburst(cwd, ["map", "task.ts#square", "in.jsonl"]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 125 });
    expect(lastLine(stderr)).toMatch(new RegExp(`^skyburst: .*hired.*${message.replace(".", "\\.")}`));
  });

  test("gives up when none has begun within its start timeout, and says what is known", async () => {
    // It takes the call, and nothing ever comes of it.
    const cwd = hired("return promise(request);", "...silent");
    const { stdout, stderr, exitCode } = await skyburst(cwd, [
      "map",
      "task.ts#square",
      "in.jsonl",
      "--start-timeout",
      "2s",
    ]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 125 });
    expect(lastLine(stderr)).toMatch(/^skyburst: No worker came to work on hired within 2 s/);
  });

  test("is left by submit with the line by which somebody goes on", async () => {
    const cwd = hired(`return refuse(request, "permission", "Ask for the role of those who launch.");`);
    const { stdout, stderr, exitCode } = await skyburst(cwd, ["submit", "task.ts#square", "in.jsonl"]);
    expect(exitCode).toBe(125);
    expect(stdout).toMatch(/^\S+\n$/);
    expect(stderr).toMatch(
      /is stored, but no supervisor could be started for it: .*Ask for the role.* To try again: skyburst supervise \S+\n$/,
    );
    await allEnded(cwd);
  });
});

describe.concurrent("--backend", () => {
  test("chooses one of those that the configuration names, and attach finds it again", async () => {
    const cwd = stage({
      "skyburst.config.ts": `${provider("return ours(request, options);").replace("export default { backend:", "const named = { hired:")}
export default { backends: named };`,
      "in.txt": "a\n",
    });
    const id = await submitted(cwd, "task.ts#wait", "in.txt", "--backend", "hired");
    await began(cwd, "a");
    killAllOf(cwd);
    await allEnded(cwd);
    finish(cwd, "a");
    // By a supervisor that it started for it, on the backend that is called so.
    const { stdout, exitCode } = await skyburst(cwd, ["collect", id, "--wait"]);
    expect({ values: values(stdout), exitCode }).toEqual({ values: ["a"], exitCode: 0 });
    await allEnded(cwd);
    const elsewhere = await submitted(cwd, "task.ts#wait", "in.txt", "--backend", "hired", "--open");
    killAllOf(cwd);
    await allEnded(cwd);
    const wrong = await skyburst(cwd, ["collect", elsewhere, "--wait", "--backend", "local"]);
    expect(wrong.exitCode).toBe(125);
    expect(wrong.stderr).toMatch(
      /run on hired, and here they would on local: give the --config and the --backend that/,
    );
  });
});
