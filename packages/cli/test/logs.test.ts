import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type S3Engine, unavailable, versitygw } from "@skyburst/engines";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parsed, place, skyburst, started, written } from "./skyburst.ts";
import type { Ended } from "./skyburst.ts";

const missing = await unavailable("versitygw");

/** Where a store is, and what its users need in their environment. */
interface Place {
  readonly store: string;
  readonly env: Record<string, string>;
}

let server: S3Engine | undefined;
beforeAll(async () => {
  if (missing === undefined) server = await versitygw();
});
afterAll(() => server?.stop());

const stores: readonly (readonly [name: string, open: (cwd: string) => Promise<Place>])[] = [
  ["a directory", async (cwd) => ({ store: join(cwd, "jobs"), env: {} })],
  [
    "S3",
    async () => {
      if (server === undefined) throw new Error("There is no service.");
      const endpoint = encodeURIComponent(server.endpoint);
      return {
        store: `s3://${await server.bucket()}/jobs?endpoint=${endpoint}&region=us-east-1`,
        env: {
          AWS_ACCESS_KEY_ID: server.accessKeyId,
          AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
          AWS_EC2_METADATA_DISABLED: "true",
        },
      };
    },
  ],
];

const tasks = `
import { existsSync } from "node:fs";
const wait = async (file: string) => {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
};
export const counting = ({ lines }: { lines: number }, { log }) => {
  for (let n = 1; n <= lines; n++) console.log("out " + n);
  console.error("err");
  log("log");
};
export const flaky = (n: number, { attempt }) => {
  console.log("attempt " + attempt + " of " + n);
  if (attempt < 3) throw new Error("not yet");
};
export const gated = async (gates: readonly string[]) => {
  for (const gate of gates) {
    console.log("before " + gate);
    await wait(gate);
  }
  console.log("done");
};
export const halves = async (gate: string) => {
  process.stdout.write("begun, ");
  await wait(gate);
  process.stdout.write("ended");
};
export const bytes = (length: number) => {
  process.stdout.write(Uint8Array.of(0xff, 0xfe, 0, 10));
  process.stdout.write("x".repeat(length) + "\\n");
};
export const flooding = async ({ bytes, gate }: { bytes: number; gate: string }) => {
  const line = "0123456789abcde\\n".repeat(4096);
  for (let printed = 0; printed < bytes; printed += line.length) process.stdout.write(line);
  await wait(gate);
};
`;

type Run = (command: string, ...args: readonly string[]) => Promise<Ended>;

/** The session is there, with its tasks. */
async function begun(run: Run, name: string): Promise<void> {
  while (!/"tasks":[1-9]/.test((await run("status", name, "--json")).stdout));
}

describe.each(stores)("skyburst logs on %s", (name, open) => {
  const skips = name === "S3" && missing !== undefined;
  const scene = async (inputs: readonly unknown[] = []) => {
    const cwd = place({ "task.ts": tasks, "in.jsonl": inputs.map((input) => `${JSON.stringify(input)}\n`).join("") });
    const { store, env } = await open(cwd);
    return {
      cwd,
      run: (command: string, ...args: readonly string[]) =>
        skyburst(cwd, [command, "--store", store, ...args], { env }),
      start: (command: string, ...args: readonly string[]) =>
        started(cwd, [command, "--store", store, ...args], { env }),
    };
  };

  test.skipIf(skips)("--tail shows the last lines of each task, of all channels in their order", async () => {
    const { run } = await scene([{ lines: 3 }, { lines: 100_000 }]);
    await run("map", "task.ts#counting", "in.jsonl", "--name", "counted");
    const of = async (...args: readonly string[]) => {
      const { stdout, stderr } = await run("logs", "counted", ...args);
      return [stdout, stderr];
    };
    expect(await of("--tail", "3")).toEqual(["out 3\nout 100000\n", "err\nlog\nerr\nlog\n"]);
    expect(await of("--tail", "1", "--task", "1")).toEqual(["", "log\n"]);
    expect(await of("--tail", "4", "--task", "1")).toEqual(["out 99999\nout 100000\n", "err\nlog\n"]);
    expect(await of("--tail", "0")).toEqual(["", ""]);
    expect(await of("--tail", "9", "--task", "0")).toEqual(["out 1\nout 2\nout 3\n", "err\nlog\n"]);
  });

  test.skipIf(skips)("shows every attempt of a task, and of tasks of later submissions", async () => {
    const { run } = await scene([7]);
    await run("map", "task.ts#flaky", "in.jsonl", "--retries", "2", "--name", "flaky");
    expect((await run("logs", "flaky")).stdout).toBe("attempt 1 of 7\nattempt 2 of 7\nattempt 3 of 7\n");
    const lines = parsed((await run("logs", "flaky", "--json")).stdout);
    expect(lines.map(({ attempt, text }) => [attempt, text])).toEqual(
      [1, 2, 3].map((attempt) => [attempt, `attempt ${attempt} of 7\n`]),
    );
    expect((await run("logs", "flaky", "--tail", "1")).stdout).toBe("attempt 3 of 7\n");
  });

  test.skipIf(skips)("-f goes on from the last lines, and ends with the session", async () => {
    const { cwd, start, run } = await scene();
    const gates = ["a", "b", "c"].map((gate) => join(cwd, gate));
    writeFileSync(join(cwd, "in.jsonl"), `${JSON.stringify(gates)}\n`);
    const job = start("map", "task.ts#gated", "in.jsonl", "--name", "gated");
    await begun(run, "gated");
    const follower = start("logs", "gated", "-f");
    expect(await written(follower, "\n")).toBe(`before ${gates[0]}\n`);
    // One that is killed is nobody's affair.
    const killed = start("logs", "gated", "-f");
    await written(killed, "\n");
    killed.kill("SIGKILL");
    writeFileSync(gates[0] ?? "", "");
    expect(await written(follower, `before ${gates[1]}\n`)).toContain(`before ${gates[1]}\n`);
    const last = start("logs", "gated", "-f", "--tail", "1", "--task", "0");
    expect(await written(last, "\n")).toBe(`before ${gates[1]}\n`);
    // Without -f, what is there.
    expect((await run("logs", "gated")).stdout).toBe(`before ${gates[0]}\nbefore ${gates[1]}\n`);
    const rest = written(last, "done\n");
    for (const gate of gates) writeFileSync(gate, "");
    expect(await rest).toBe(`before ${gates[2]}\ndone\n`);
    expect(await Promise.all([job.ended, follower.ended, last.ended])).toEqual([0, 0, 0]);
  });

  test.skipIf(skips)("-f shows lines whole, and those without an end when their task has ended", async () => {
    const { cwd, start, run } = await scene();
    const gates = ["a", "b"].map((gate) => join(cwd, gate));
    writeFileSync(join(cwd, "in.jsonl"), gates.map((gate) => `${JSON.stringify(gate)}\n`).join(""));
    const job = start("map", "task.ts#halves", "in.jsonl", "--slots", "2", "--name", "halves");
    await begun(run, "halves");
    const follower = start("logs", "halves", "-f");
    const one = start("logs", "halves", "-f", "--task", "1");
    // Of a single task, as it comes.
    await written(one, "begun, ");
    const first = written(follower, "ended");
    writeFileSync(gates[1] ?? "", "");
    expect(await first).toBe("begun, ended");
    const second = written(follower, "ended");
    writeFileSync(gates[0] ?? "", "");
    expect(await second).toBe("begun, ended");
    expect(await Promise.all([job.ended, follower.ended, one.ended])).toEqual([0, 0, 0]);
  });

  test.skipIf(skips)("passes on bytes that are no text, and a line of 10 MB", async () => {
    const length = 10_000_000;
    const { run } = await scene([length]);
    await run("map", "task.ts#bytes", "in.jsonl", "--name", "bytes");
    const { bytes } = await run("logs", "bytes");
    const expected = Buffer.concat([Buffer.of(0xff, 0xfe, 0, 10), Buffer.alloc(length, "x"), Buffer.from("\n")]);
    expect(bytes.stdout.equals(expected)).toBe(true);
    const { bytes: last } = await run("logs", "bytes", "--tail", "1");
    expect(last.stdout).toHaveLength(length + 1);
    const command = ["--log-limit", "64m", "--name", "raw", "--", "head", "-c", "20000000", "/dev/urandom"];
    const ran = await run("run", ...command);
    expect(ran.bytes.stdout).toHaveLength(20_000_000);
    expect((await run("logs", "raw")).bytes.stdout.equals(ran.bytes.stdout)).toBe(true);
  });

  test.skipIf(skips)("of a task that floods, the first bytes are kept, and what was dropped is told", async () => {
    const kept = 3 * 1024 * 1024;
    const { run } = await scene([{ bytes: 2 ** 26, gate: "task.ts" }]);
    await run("map", "task.ts#flooding", "in.jsonl", "--log-limit", "3m", "--name", "flood");
    const { stdout, stderr } = await run("logs", "flood");
    expect(stdout).toBe("0123456789abcde\n".repeat(kept / 16));
    expect(stderr).toBe(
      `… From here on output is dropped: a task may print ${kept} bytes (logLimit).\n… ${2 ** 26 - kept} bytes of output were dropped.\n`,
    );
    const shell = await run("run", "--log-limit", "5k", "--", "sh", "-c", "yes | head -c 100000");
    expect(shell.stdout).toBe("y\n".repeat(2560));
    expect(shell.stderr).toContain("94880 bytes of output were dropped.");
  });
});
