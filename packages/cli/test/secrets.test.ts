import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { platform } from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import { allEnded, began, finish, killAll, processes, stage, until, values } from "./detached.ts";
import { parsed, place, skyburst } from "./skyburst.ts";

const value = "kd83-9fk2-pp01";
const hash = createHash("sha256").update(value).digest("hex");
const given = { env: { API_KEY: value } };
const asked = ["--secret", "API_KEY"];

/** Tells that it has the value, and prints and throws it as well. */
const module = `
import { createHash } from "node:crypto";
import { existsSync, appendFileSync } from "node:fs";
const mode = process.env.MODE;
export const look = (n) => {
  console.log("it is " + process.env.API_KEY);
  if (n === 2) throw new Error("not " + process.env.API_KEY, { cause: new Error(process.env.API_KEY) });
  return [createHash("sha256").update(process.env.API_KEY ?? "").digest("hex"), mode, process.env.MODE];
};
export const wait = async (file) => {
  appendFileSync("began", file + "\\n");
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
  return look(1)[0];
};
`;

afterAll(killAll);

/** All that is written below a place. */
function written(cwd: string): string {
  const files = readdirSync(cwd, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1")).join("\n");
}

describe("--secret", () => {
  test("reaches a command, and nothing that is kept or shown", async () => {
    const cwd = place();
    const script = "echo it is $API_KEY; echo it is $API_KEY >&2; printf %s $API_KEY | sha256sum; exit 3";
    const ended = await skyburst(cwd, ["run", ...asked, "--keep", "--json", "--", "sh", "-c", script], given);
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout).toContain(`it is ***API_KEY***\n${hash}  -\n`);
    expect(ended.stderr).toBe("it is ***API_KEY***\n");
    expect(written(cwd)).toContain('"secrets":["API_KEY"]');
    expect(written(cwd)).not.toContain(value);
  });

  test("reaches a function, with the variables of -e, and nothing that is kept or shown", async () => {
    const cwd = place({ "task.mjs": module, "in.jsonl": "1\n2\n" });
    const args = [
      "map",
      ...asked,
      "-e",
      "MODE=fast",
      "--events",
      "events.jsonl",
      "--quiet",
      "task.mjs#look",
      "in.jsonl",
    ];
    const { stdout, stderr, exitCode } = await skyburst(cwd, args, given);
    const [one, two] = parsed(stdout);
    expect({ exitCode, stderr, value: one?.value }).toEqual({ exitCode: 1, stderr: "", value: [hash, "fast", "fast"] });
    expect(two?.error).toMatchObject({ message: "not ***API_KEY***", cause: { message: "***API_KEY***" } });
    expect(written(cwd)).toContain("it is ***API_KEY***");
    expect(written(cwd) + stdout).not.toContain(value);
  });

  test("takes what a file holds, byte for byte", async () => {
    const cwd = place({ "key.pem": "one line\nanother\n" });
    const script = 'printf %s "$KEY" | od -An -c | tail -1; echo "$KEY"';
    const { stdout } = await skyburst(cwd, ["run", "--secret", "KEY=@key.pem", "--", "sh", "-c", script]);
    expect(stdout).toBe("  \\n\n***KEY***\n***KEY***\n\n");
  });

  test("is what the configuration says as well, and the command line wins", async () => {
    const cwd = place({
      "skyburst.config.mjs": 'export default { secrets: ["API_KEY", "KEY=@key"] };',
      key: "from a file",
      other: "from another file",
    });
    const script = 'printf "%s %s" "$API_KEY" "$KEY" | wc -c';
    const run = (...args: readonly string[]) => skyburst(cwd, ["run", ...args, "--", "sh", "-c", script], given);
    expect((await run()).stdout.trim()).toBe(String(`${value} from a file`.length));
    expect((await run("--secret", "KEY=@other")).stdout.trim()).toBe(String(`${value} from another file`.length));
    const reader = await skyburst(cwd, ["ls"]);
    expect(reader).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test.each([
    [["--secret", "KEY"], 2, /^skyburst: --secret KEY: no such variable is set here\./],
    [["--secret", `KEY=${value}`], 2, /^skyburst: --secret KEY: give KEY, .* or KEY=@FILE; .* seen by every user/],
    [["--secret", "KEY=@none"], 2, /^skyburst: --secret KEY=@none can't be read: ENOENT/],
    [["--secret", "KEY=@bytes"], 2, /^skyburst: --secret KEY=@bytes can't be read: it is no UTF-8 text/],
    [["--secret", "KEY=@empty"], 2, /^skyburst: The secret "KEY" is empty/],
    [["--secret", "SKYBURST_A=@key"], 2, /^skyburst: The secret "SKYBURST_A" has a name that Skyburst keeps/],
    [[...asked, "-e", "API_KEY"], 2, /^skyburst: --env API_KEY: it is a secret/],
  ])("%j is refused in one line that holds no value", async (args, code, line) => {
    const cwd = place({ key: "x", empty: "", bytes: Uint8Array.of(0xff, 0xfe) });
    const { stdout, stderr, exitCode } = await skyburst(cwd, ["run", ...args, "--", "true"], given);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: code });
    expect(stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(line)]);
    expect(stderr).not.toContain(value);
  });
});

describe("of a session that nobody attends", () => {
  test("a secret goes to its supervisor and to each worker, and to nobody else who looks", async () => {
    const cwd = stage({ "task.mjs": module, "in.txt": "a\n" });
    const args = ["submit", ...asked, "--name", "night", "task.mjs#wait", "in.txt"];
    expect(await skyburst(cwd, args, given)).toMatchObject({ exitCode: 0, stderr: "" });
    await began(cwd, "a");
    const all = processes(cwd);
    expect(all.map(({ supervises }) => supervises)).toEqual(expect.arrayContaining([false, true]));
    const shown = execFileSync("ps", ["-eo", "args"], { encoding: "utf8", maxBuffer: 1 << 26 });
    expect(shown).not.toContain(value);
    const environments = all.map(({ pid }) =>
      platform === "linux" ? readFileSync(`/proc/${pid}/environ`, "latin1") : "",
    );
    expect(environments.join("\n")).not.toContain(value);
    // Another worker of the same supervisor has it too.
    const first = all.find(({ supervises }) => !supervises);
    process.kill(Number(first?.pid), "SIGKILL");
    await until(
      () => processes(cwd).some(({ pid, supervises }) => !supervises && pid !== first?.pid),
      "another worker",
    );
    finish(cwd, "a");
    await allEnded(cwd);
    expect(values((await skyburst(cwd, ["collect", "night"])).stdout)).toEqual([hash]);
    expect(written(cwd)).toContain("it is ***API_KEY***");
    expect(written(cwd)).not.toContain(value);
  });

  test("a secret goes to whom a worker starts in the supervisor's place, and to the workers of that one", async () => {
    const cwd = stage({ "task.mjs": module, "in.txt": "a\n" });
    await skyburst(cwd, ["submit", ...asked, "--name", "night", "task.mjs#wait", "in.txt"], given);
    await began(cwd, "a");
    const all = processes(cwd);
    const worker = all.find(({ supervises }) => !supervises);
    for (const { pid, supervises } of all) if (supervises) process.kill(pid, "SIGKILL");
    await until(() => processes(cwd).some(({ supervises }) => supervises), "somebody who stands in");
    // Only one that has its secrets comes to launch anybody.
    process.kill(Number(worker?.pid), "SIGKILL");
    await until(
      () => processes(cwd).some(({ pid, supervises }) => !supervises && pid !== worker?.pid),
      "a worker of whoever stands in",
    );
    const found = processes(cwd).map(({ pid }) => pid);
    const shown = execFileSync("ps", ["-eo", "args"], { encoding: "utf8", maxBuffer: 1 << 26 });
    const environments = found.map((pid) =>
      platform === "linux" ? readFileSync(`/proc/${pid}/environ`, "latin1") : "",
    );
    expect([shown, ...environments].join("\n")).not.toContain(value);
    finish(cwd, "a");
    await allEnded(cwd);
    expect(values((await skyburst(cwd, ["collect", "night"])).stdout)).toEqual([hash]);
    expect(written(cwd)).not.toContain(value);
  });

  test("who supervises it later is told what is missing, and goes on with it", async () => {
    const cwd = stage({ "task.mjs": module, "in.txt": "a\n" });
    await skyburst(cwd, ["submit", ...asked, "--name", "night", "task.mjs#wait", "in.txt"], given);
    await began(cwd, "a");
    for (const { pid } of processes(cwd)) process.kill(pid, "SIGKILL");
    await allEnded(cwd);
    rmSync(join(cwd, "began"));
    const missing = /^skyburst: workers of this session need .* give --secret API_KEY\.\n$/;
    for (const command of [
      ["supervise", "night"],
      ["reproduce", "night", "--task", "0"],
    ]) {
      const { stderr, exitCode } = await skyburst(cwd, command);
      expect(stderr).toMatch(missing);
      expect(exitCode).toBe(2);
    }
    finish(cwd, "a");
    const again = await skyburst(cwd, ["supervise", "night", ...asked], given);
    expect(again).toMatchObject({ exitCode: 0, stderr: "" });
    expect(values((await skyburst(cwd, ["collect", "night"])).stdout)).toEqual([hash]);
    const { stdout } = await skyburst(cwd, ["reproduce", "night", "--task", "0", "--json", ...asked], given);
    expect(stdout).toContain("it is ***API_KEY***\n");
    expect(parsed(stdout.slice(stdout.indexOf("{")))).toMatchObject([{ value: hash }]);
  });
});
