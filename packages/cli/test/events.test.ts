import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parsed, place, skyburst, started, written } from "./skyburst.ts";

const tasks = `
import { existsSync } from "node:fs";
export const flaky = (n, { attempt }) => {
  if (n === 3) throw new TypeError("never");
  if (n % 2 === 0 && attempt === 1) throw new Error("not yet");
  if (n === 5) console.log("x".repeat(2000));
  return n;
};
export const gated = async (gate) => {
  while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 5));
};
`;

type Event = {
  readonly type: string;
  readonly at: number;
  readonly task?: number;
  readonly succeeded?: number;
  readonly failed?: number;
};

function eventsIn(cwd: string, file: string): Event[] {
  return parsed(readFileSync(join(cwd, file), "utf8")) as Event[];
}

function typed(events: readonly Event[], type: string): Event[] {
  return events.filter((event) => event.type === type);
}

test("a map records what happens, and `events` tells the same", async () => {
  const cwd = place({ "tasks.ts": tasks, "in.jsonl": [1, 2, 3, 4, 5].join("\n") });
  const options = ["--retries", "1", "--log-limit", "1k", "--keep", "--name", "n", "--quiet"];
  const { exitCode } = await skyburst(cwd, ["map", "tasks.ts#flaky", "in.jsonl", ...options, "--events", "e.jsonl"]);
  expect(exitCode).toBe(1);
  const events = eventsIn(cwd, "e.jsonl");
  expect(events[0]).toMatchObject({ type: "created", name: "n" });
  expect(typed(events, "committed").reduce((sum, { succeeded = 0 }) => sum + succeeded, 0)).toBe(4);
  expect(typed(events, "failed")).toMatchObject([{ task: 2, attempt: 2, blame: "user", error: "TypeError: never" }]);
  expect(typed(events, "retried").map(({ task }) => task)).toEqual(expect.arrayContaining([1, 2, 3]));
  expect(typed(events, "log-dropped")).toMatchObject([{ task: 4, attempt: 1, bytes: 977 }]);
  expect(typed(events, "gone")).toHaveLength(typed(events, "born").length);
  const { stdout } = await skyburst(cwd, ["events", "n"]);
  expect(parsed(stdout)).toEqual(expect.arrayContaining(events));
  const some = await skyburst(cwd, ["events", "n", "--type", "failed,born"]);
  expect(new Set((parsed(some.stdout) as Event[]).map(({ type }) => type))).toEqual(new Set(["failed", "born"]));
});

test("a file that can't be written is one line on stderr, and the job is done", async () => {
  const cwd = place({ "tasks.ts": tasks, "in.jsonl": "1\n5\n" });
  for (const file of ["nowhere/e.jsonl", ...(process.platform === "linux" ? ["/dev/full"] : [])]) {
    const args = ["map", "tasks.ts#flaky", "in.jsonl", "--events", file, "--quiet"];
    const { exitCode, stdout, stderr } = await skyburst(cwd, args);
    expect(exitCode).toBe(0);
    expect(parsed(stdout)).toHaveLength(2);
    expect(stderr).toMatch(/^skyburst: events are recorded no more in \S+, and the session goes on: EN\w+[^\n]*\n$/);
  }
});

test("events don't go to stdout beside outcomes, nor to anywhere when nobody waits; types have to be there", async () => {
  const cwd = place({ "tasks.ts": tasks, "in.jsonl": "1\n" });
  const map = ["map", "tasks.ts#flaky", "in.jsonl"];
  const stdout = await skyburst(cwd, [...map, "--events", "-"]);
  expect(stdout).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("`skyburst events` prints them") });
  expect((await skyburst(cwd, [...map, "--detach", "--events", "e"])).exitCode).toBe(2);
  const wrong = await skyburst(cwd, ["events", "x", "--type", "retries"]);
  expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/"retries" is no type.*retried/) });
});

test("who attaches, who supervises and who follows hear of it as it happens", async () => {
  const cwd = place({ "tasks.ts": tasks, "in.jsonl": JSON.stringify("gate") });
  const { stdout: id } = await skyburst(cwd, ["submit", "tasks.ts#gated", "in.jsonl"]);
  const session = id.trim();
  const follower = started(cwd, ["events", session, "-f"]);
  const attached = started(cwd, ["attach", session, "--quiet", "--events", "attached.jsonl"]);
  const supervised = started(cwd, ["supervise", session, "--events", "supervised.jsonl"]);
  attached.stdout.resume();
  supervised.stdout.resume();
  await written(follower, '"leased"');
  expect(follower.errors()).toBe("");
  const rest = written(follower, '"gone"');
  writeFileSync(join(cwd, "gate"), "");
  await rest;
  expect(await follower.ended).toBe(0);
  expect(await attached.ended).toBe(0);
  expect(await supervised.ended).toBe(0);
  for (const file of ["attached.jsonl", "supervised.jsonl"])
    expect(eventsIn(cwd, file).map(({ type }) => type)).toEqual(
      expect.arrayContaining(["created", "leased", "committed"]),
    );
});
