import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { unavailable } from "@skyburst/engines";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Stage } from "./stage.ts";

const missing = await unavailable("docker");

describe.skipIf(missing)(`disks that are full${missing ? `: ${missing}` : ""}`, () => {
  let stage: Stage;
  /** The container's directory for temporary files. */
  let full: string;
  const disks: string[] = [];
  beforeAll(async () => {
    stage = await Stage.open();
    full = disk("full", "256k");
    fill(full);
  });
  afterAll(async () => {
    for (const path of disks) execFileSync("umount", ["-l", path]);
    await stage?.close();
  });
  afterEach(() => stage.cleared());

  function disk(name: string, size: string): string {
    const path = stage.folder(name);
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=1777`, "tmpfs", path]);
    disks.push(path);
    return path;
  }

  const place = () => ["--backend", "docker", "--image", stage.engine.image];
  const outcomes = (stdout: string) =>
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);

  test("what a command writes has no room: it says so itself", async () => {
    const script = "echo on; dd if=/dev/zero of=/tmp/some bs=1k count=100";
    const ended = await stage.run(["run", ...place(), "-v", `${full}:/tmp`, "--", "sh", "-c", script]);
    expect(ended).toMatchObject({
      code: 1,
      stdout: "on\n",
      stderr: expect.stringContaining("No space left on device"),
    });
  });

  test("what a function writes has no room: that is its error", async () => {
    stage.write(
      "write.ts",
      'import { writeFileSync } from "node:fs";\nexport const write = (path: string) => writeFileSync(path, "some");\n',
    );
    const inputs = stage.write("paths.jsonl", '"/data/some"\n');
    const { stdout, code } = await stage.run(["map", ...place(), "-v", `${full}:/data`, "write.ts#write", inputs]);
    expect(code).toBe(1);
    expect(outcomes(stdout)).toMatchObject([{ status: "failed", blame: "user", error: { code: "ENOSPC" } }]);
  });

  test("a worker has no room for the program of a function: no fault of the task's, and told with its reason", async () => {
    stage.write("double.ts", "export const double = (n: number) => 2 * n;\n");
    const inputs = stage.write("numbers.jsonl", "1\n2\n");
    const { stdout, code } = await stage.run(["map", ...place(), "-v", `${full}:/tmp`, "double.ts#double", inputs]);
    expect(code).toBe(1);
    const error = { code: "ENOSPC", message: expect.stringMatching(/in \/tmp \(\d+ bytes\): ENOSPC: no space left/) };
    const failed = { status: "failed", blame: "infrastructure", error };
    expect(outcomes(stdout)).toMatchObject([failed, failed]);
  });

  test("a worker has no room for the input of a command", async () => {
    const input = stage.write("input", "some input\n");
    const args = ["run", ...place(), "-v", `${full}:/tmp`, "--stdin", input, "--", "cat"];
    expect(await stage.run(args)).toMatchObject({
      code: 125,
      stdout: "",
      stderr: expect.stringMatching(/^skyburst: .* in \/tmp \(11 bytes\): ENOSPC: no space left .*\n$/),
    });
  });

  test("a store has no room for what a command prints: it is ended, and told why", async () => {
    const store = join(disk("small", "4m"), "store");
    const args = ["run", ...place(), "--store", store, "--", "sh", "-c", "yes | head -c 20000000; echo over"];
    const { code, stderr } = await stage.run(args);
    expect({ code, stderr }).toEqual({
      code: 125,
      stderr: expect.stringMatching(/skyburst: What the task printed can't be stored: .*No space is left.*ENOSPC.*\n$/),
    });
    const { stdout } = await stage.run(["ls", "--store", store]);
    const session = stdout.split("\n")[1]?.split(" ", 1)[0] ?? "";
    const [outcome] = await stage.read(["collect", "--store", store, session]);
    expect(outcome).toMatchObject({ status: "failed", blame: "infrastructure", error: { code: "full" } });
  });

  test("a store has no room for all results: those that have some are there, and others say why not", async () => {
    const store = join(disk("for-some", "4m"), "store");
    stage.write("big.ts", 'export const big = (n: number) => "x".repeat(n);\n');
    const inputs = stage.write("sizes.jsonl", "1000000\n".repeat(6));
    const args = ["map", ...place(), "--workers", "1", "--slots", "1", "--store", store, "big.ts#big", inputs];
    const { stdout, code } = await stage.run(args);
    expect(code).toBe(1);
    const told = outcomes(stdout) as readonly { readonly status: string }[];
    const succeeded = told.filter(({ status }) => status === "succeeded").length;
    expect(succeeded).toBeGreaterThan(0);
    expect(told.filter(({ status }) => status === "failed")).toEqual(
      Array.from({ length: 6 - succeeded }, () =>
        expect.objectContaining({
          blame: "infrastructure",
          error: expect.objectContaining({
            code: "full",
            message: expect.stringMatching(/returned can't be stored: .*ENOSPC/),
          }),
        }),
      ),
    );
  });

  test("a store has no room at all: who submits is told", async () => {
    const path = disk("none", "256k");
    fill(path);
    const { code, stderr } = await stage.run(["run", ...place(), "--store", join(path, "store"), "--", "true"]);
    expect({ code, stderr }).toEqual({
      code: 125,
      stderr: expect.stringMatching(/^skyburst: .*No space is left.*ENOSPC/),
    });
    rmSync(join(path, "ballast"));
  });
});

/** Takes all that is left. */
function fill(path: string): void {
  const file = openSync(join(path, "ballast"), "w");
  try {
    for (const block = Buffer.alloc(4096); ;) writeSync(file, block);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  } finally {
    closeSync(file);
  }
}
