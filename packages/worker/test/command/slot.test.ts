import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommandSlot } from "../../src/command/index.ts";
import { firstLine, KINDS, run } from "./support.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "skyburst-command-")));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(KINDS)("a slot of $kind", ({ open }) => {
  let slot: CommandSlot;
  beforeEach(() => {
    slot = open({ env: { ...process.env, BASE: "base", LANG: "C" }, directory: folder, label: "w-7" });
  });
  afterEach(() => slot.close());

  it("gives the exit code and keeps the outputs apart", async () => {
    const ran = await run(slot, ["sh", "-c", "echo out; echo err >&2; exit 3"]);
    expect(ran).toMatchObject({ code: 3, started: true, timedOut: false, aborted: false });
    expect([ran.stdout.toString(), ran.stderr.toString()]).toEqual(["out\n", "err\n"]);
    expect(ran.signal).toBeUndefined();
  });

  it("names the signal that ended a command", async () => {
    const ran = await run(slot, ["sh", "-c", "kill -9 $$"]);
    expect(ran).toMatchObject({ signal: "SIGKILL", started: true });
    expect(ran.code).toBeUndefined();
  });

  it.each([
    [["nosuchprogram"], {}, 127, "skyburst: nosuchprogram: command not found\n"],
    [["./nosuch"], {}, 127, "skyburst: ./nosuch: no such file\n"],
    [[""], {}, 127, "skyburst: '': command not found\n"],
    [["cd", "/"], {}, 127, "skyburst: cd: command not found\n"],
    [["/"], {}, 126, "skyburst: /: is a directory\n"],
    [["./plain"], {}, 126, "skyburst: ./plain: permission denied\n"],
    [["true"], { cwd: "nowhere" }, 127, `skyburst: cwd: no such directory: ${folder}/nowhere\n`],
    [["true"], { stdinFile: "nothing" }, 126, `skyburst: stdin: cannot be read: ${folder}/nothing\n`],
    [
      ["echo", "a\0b"],
      {},
      126,
      "skyburst: echo: an argument, a variable or a path holds a NUL, which no program can be given\n",
    ],
    [["true"], { env: { PATH: "/nowhere" } }, 127, "skyburst: true: command not found\n"],
  ])("says why %j %j can't start", async (argv, more, code, message) => {
    writeFileSync(join(folder, "plain"), "text");
    const ran = await run(slot, argv, more);
    expect(ran).toMatchObject({ code, started: false });
    expect(ran.stderr.toString()).toBe(message);
  });

  it("runs programs, not what a shell has under the same name", async () => {
    const ran = await run(slot, ["echo", "-n", "$HOME", "*", "~", "a=b", "`x`"]);
    expect(ran.stdout.toString()).toBe("$HOME * ~ a=b `x`");
    expect(await run(slot, ["[", "a", "=", "b", "]"])).toMatchObject({ code: 1 });
    expect(await run(slot, ["if"])).toMatchObject({ code: 127 });
  });

  it("runs a program by a name that looks like an option or an assignment", async () => {
    for (const name of ["-c", "a=b"]) {
      writeFileSync(join(folder, name), '#!/bin/sh\necho "$1"\n', { mode: 0o755 });
      const ran = await run(slot, [name, "x y"], { env: { PATH: `${folder}:${process.env["PATH"]}` } });
      expect(ran.stdout.toString()).toBe("x y\n");
    }
  });

  it("says that the arguments are too many", async () => {
    const ran = await run(slot, ["echo", ...Array.from({ length: 60 }, () => "x".repeat(100_000))]);
    expect(ran).toMatchObject({ code: 126, started: false });
    expect(ran.stderr.toString()).toBe("skyburst: echo: argument list too long: pass big inputs by a file or stdin\n");
  });

  it("passes a megabyte of arguments", async () => {
    const words = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(50_000).slice(0, 50_000));
    expect((await run(slot, ["echo", ...words])).stdout.toString()).toBe(`${words.join(" ")}\n`);
  });

  it("has the command's directory and variables, and the next command has not", async () => {
    const script = "pwd; echo $PWD $A $BASE $SKYBURST_WORKER";
    const first = await run(slot, ["sh", "-c", script], { cwd: "/usr", env: { A: "it's", BASE: "own" } });
    expect(first.stdout.toString()).toBe("/usr\n/usr it's own w-7\n");
    const second = await run(slot, ["sh", "-c", script]);
    expect(second.stdout.toString()).toBe(`${folder}\n${folder} base w-7\n`);
  });

  it("has an empty stdin, or a file", async () => {
    writeFileSync(join(folder, "it's in"), "line\n");
    expect((await run(slot, ["cat"])).stdout.toString()).toBe("");
    expect((await run(slot, ["cat"], { stdinFile: "it's in", cwd: "/" })).stdout.toString()).toBe("line\n");
  });

  it("keeps every byte of the output", async () => {
    const ran = await run(slot, [
      "sh",
      "-c",
      String.raw`i=0; while [ $i -lt 256 ]; do printf "\\$(printf %03o $i)"; i=$((i+1)); done; printf '\036'`,
    ]);
    expect([...ran.stdout]).toEqual([...Array(256).keys(), 0o36]);
  });

  it("runs 200 commands in a row, each with its own code and output", async () => {
    for (let index = 0; index < 200; index += 1) {
      const ran = await run(slot, ["sh", "-c", `echo out ${index}; echo err ${index} >&2; exit ${index % 7}`]);
      expect(ran).toMatchObject({
        code: index % 7,
        stdout: Buffer.from(`out ${index}\n`),
        stderr: Buffer.from(`err ${index}\n`),
      });
    }
  });

  it("runs one command at a time, and none once it is closed", async () => {
    const { output, line } = firstLine();
    const first = run(slot, ["sh", "-c", "echo on; sleep 1000"], {}, { output });
    await line;
    for (let given = 0; given < slot.ahead; given += 1) void run(slot, ["true"]).catch(() => undefined);
    await expect(run(slot, ["true"])).rejects.toMatchObject({ name: "WorkerError", code: "busy", retryable: true });
    await slot.close();
    await expect(first).resolves.toMatchObject({ signal: "SIGKILL" });
    await expect(run(slot, ["true"])).rejects.toMatchObject({ name: "WorkerError", code: "closed" });
    await slot.close();
  });
});
