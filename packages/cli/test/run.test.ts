import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { place, skyburst, started, written } from "./skyburst.ts";

describe("skyburst run", () => {
  test("passes stdout and stderr on, and the exit code", async () => {
    const { stdout, stderr, exitCode } = await skyburst(place(), [
      "run",
      "--",
      "sh",
      "-c",
      "echo out; echo err >&2; exit 7",
    ]);
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: "out\n", stderr: "err\n", exitCode: 7 });
  });

  test("its worker was started ahead, unless something says that it would be another", async () => {
    const ahead = async (files: Readonly<Record<string, string>>, ...args: readonly string[]) => {
      const cwd = place(files);
      expect((await skyburst(cwd, ["run", ...args, "--", "true"])).exitCode).toBe(0);
      const [session = ""] = readdirSync(join(cwd, ".skyburst/s"));
      const launched = readFileSync(join(cwd, ".skyburst/s", session, "launched/000000"), "utf8");
      return new RegExp(`"${session}\\.0\\.0\\.[0-9a-z]+-[0-9a-f]+w-`).test(launched);
    };
    expect(await ahead({})).toBe(true);
    expect(await ahead({}, "--timeout", "1m")).toBe(true);
    expect(await ahead({ "skyburst.config.mjs": "export default {};" })).toBe(false);
    expect(await ahead({}, "--backend", "local")).toBe(false);
  });

  test("a worker that was started ahead for a command line with a mistake leaves nothing", async () => {
    const cwd = place();
    const { exitCode } = await skyburst(cwd, ["run", "--nosuch", "--", "true"], { env: { TMPDIR: cwd } });
    expect(exitCode).toBe(2);
    const [output = ""] = readdirSync(cwd);
    expect(output).toMatch(/^skyburst-/);
    expect(readdirSync(join(cwd, output))).toEqual([]);
  });

  test("passes bytes on that are no text, in order and complete", async () => {
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, n) => (n * 7 + (n >> 8)) % 256));
    const cwd = place({ "in.bin": bytes });
    const ended = await skyburst(cwd, ["run", "--stdin", "in.bin", "--", "cat"]);
    expect(ended.exitCode).toBe(0);
    expect(ended.bytes.stdout.equals(bytes)).toBe(true);
  });

  test("a store whose objects can't be read is told in one line", async () => {
    const config = `
      import { directory } from ${JSON.stringify(fileURLToPath(import.meta.resolve("@skyburst/state-fs")))};
      const right = directory("kept");
      const store = Object.assign(Object.create(right), {
        reference: right.reference, pace: right.pace,
        get: async (...given) => { await right.get(...given); return Buffer.from("no JSON"); },
        create: (...given) => right.create(...given), list: (...given) => right.list(...given),
        put: (...given) => right.put(...given), delete: (...given) => right.delete(...given),
        now: () => right.now(), close: () => right.close(),
      });
      export default { store };
    `;
    const cwd = place({ "skyburst.config.mjs": config });
    const { stdout, stderr, exitCode } = await skyburst(cwd, ["run", "--", "true"]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 125 });
    expect(stderr).toMatch(/^skyburst: [^\n]+\n$/);
  });

  test("shows output while the command runs", async () => {
    const cwd = place();
    const running = started(cwd, [
      "run",
      "--",
      "sh",
      "-c",
      "echo first; while [ ! -e go ]; do sleep 0.01; done; echo second",
    ]);
    expect(await written(running, "first\n")).toBe("first\n");
    await skyburst(cwd, ["run", "--", "touch", "go"]);
    expect(await running.ended).toBe(0);
  });

  test.each([
    [["nosuch-command"], 127],
    [["/etc/passwd"], 126],
    [["sh", "-c", "kill -TERM $$"], 143],
    [["true"], 0],
  ])("ends as a shell would: %j", async (command, code) => {
    expect((await skyburst(place(), ["run", "--", ...command])).exitCode).toBe(code);
  });

  test("ends with 124 when the command takes too long", async () => {
    expect((await skyburst(place(), ["run", "--timeout", "100ms", "--", "sleep", "1000"])).exitCode).toBe(124);
  });

  test("gives the command the directory, variables and no input", async () => {
    const script = 'printf "%s %s %s [%s]" "$PWD" "$A" "$B" "$(cat)"';
    const { stdout } = await skyburst(
      place(),
      ["run", "--cwd", "/", "--env", "A=1=2", "--env", "B", "--", "sh", "-c", script],
      { env: { HOME: "/", B: "from here" } },
    );
    expect(stdout).toBe("/ 1=2 from here []");
  });

  test("tries again when asked to", async () => {
    const script = "echo x >> tries; [ $(wc -l < tries) -ge 2 ]";
    const cwd = place();
    expect((await skyburst(cwd, ["run", "--retries", "1", "--", "sh", "-c", script])).exitCode).toBe(0);
    expect(readFileSync(join(cwd, "tries"), "utf8")).toBe("x\nx\n");
  });

  test("Ctrl-C ends the whole process tree", async () => {
    const script = "sleep 1000 & echo $$ $! ready; wait";
    const running = started(place(), ["run", "--", "sh", "-c", script]);
    const pids = (await written(running, "ready")).split(" ").slice(0, 2).map(Number);
    running.kill("SIGINT");
    expect(await running.ended).toBe(130);
    for (const pid of pids) await gone(pid);
  });

  test("ends the command when nobody reads its output, without a word", async () => {
    const running = started(place(), ["run", "--", "yes"]);
    expect(await written(running, "y\n")).toMatch(/^y\n/);
    running.stdout.destroy();
    expect(await running.ended).toBe(141);
    expect(running.errors()).toBe("");
  });
});

/** A process that ended may wait for its parent to hear of it; then it is no more than a number. */
async function gone(pid: number): Promise<void> {
  const stat = `/proc/${pid}/stat`;
  for (;;) {
    try {
      process.kill(pid, 0);
      if (/\) Z /.test(readFileSync(stat, "utf8"))) return;
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
