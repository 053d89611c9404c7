import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CommandSlot } from "../../src/command/index.ts";
import { firstLine, isGone, KINDS, run, type Ran } from "./support.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "skyburst-ahead-")));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(KINDS.filter(({ kind }) => kind.startsWith("queue")))("commands given ahead to a $kind", ({ open }) => {
  let slot: CommandSlot;
  beforeEach(() => {
    slot = open({ directory: folder });
  });
  afterEach(() => slot.close());

  it("follow in order, each with its own code, signal and output", async () => {
    const ways: readonly (readonly [script: string, expected: Partial<Ran>])[] = [
      ["exit 3", { code: 3 }],
      ["kill -9 $$", { signal: "SIGKILL" }],
      ["kill -TERM $$", { signal: "SIGTERM" }],
      ["exit 0", { code: 0 }],
      ["exit 200", { code: 200 }],
    ];
    const all = Array.from({ length: 300 }, (_, n) => ({ n, way: ways[n % ways.length] ?? ways[0] }));
    const ran = await runAll(
      slot,
      all.map(({ n, way }) => ["sh", "-c", `echo out ${n}; echo err ${n} >&2; ${way?.[0]}`]),
    );
    for (const { n, way } of all) {
      expect(ran[n]).toMatchObject({ ...way?.[1], started: true });
      expect([ran[n]?.stdout.toString(), ran[n]?.stderr.toString()]).toEqual([`out ${n}\n`, `err ${n}\n`]);
    }
  });

  it("keep what they say themselves of signals, and get nothing said by the shell", async () => {
    const scripts = [
      "printf Killed >&2; kill -9 $$",
      "echo Killed >&2; exit 137",
      "echo Killed >&2; kill -9 $$",
      "kill -SEGV $$",
      "echo Terminated >&2; exit 143",
      "kill -TERM $$",
      "printf 'Segmentation fault' >&2; kill -SEGV $$",
    ];
    const texts = ["Killed", "Killed\n", "Killed\n", "", "Terminated\n", "", "Segmentation fault"];
    const many = Array.from({ length: 10 }, () => scripts).flat();
    const ran = await runAll(
      slot,
      many.map((script) => ["sh", "-c", script]),
    );
    expect(ran.map(({ stderr }) => stderr.toString())).toEqual(Array.from({ length: 10 }, () => texts).flat());
  });

  it("are programs, not what the shell has under their name", async () => {
    const ran = await runAll(slot, [
      ["echo", "-n", "$HOME"],
      ["printf", "%s\n", "a b"],
      ["true", "x"],
      ["false"],
      ["true", "--version"],
      ["test", "a", "=", "b"],
      ["kill", "-l", "9"],
      ["cat"],
    ]);
    expect(ran.map(({ code }) => code)).toEqual([0, 0, 0, 1, 0, 1, 0, 0]);
    expect(ran.map(({ stdout }) => stdout.toString()).slice(0, 4)).toEqual(["$HOME", "a b\n", "", ""]);
    expect(ran[4]?.stdout.toString()).toMatch(/^true /);
  });

  it("keep every byte of outputs that no pipe holds", async () => {
    const ran = await runAll(
      slot,
      Array.from({ length: 40 }, (_, n) => [
        "sh",
        "-c",
        `head -c ${100_000 + n} /dev/zero; head -c ${n} /dev/zero >&2`,
      ]),
    );
    expect(ran.map(({ stdout, stderr }) => [stdout.length, stderr.length])).toEqual(
      ran.map((_, n) => [100_000 + n, n]),
    );
  });

  it("come back when they are recalled, and never ran", async () => {
    const { output, line } = firstLine();
    const first = run(slot, ["sh", "-c", "echo on; while ! test -e go; do sleep 0.01; done"], {}, { output });
    await line;
    const others = Array.from({ length: slot.ahead }, (_, n) => run(slot, ["touch", `recalled-${n}`]));
    slot.recall();
    // While the first one goes on.
    for (const other of await Promise.all(others)) expect(other).toMatchObject({ started: false, aborted: true });
    const helper = open({ directory: folder });
    await run(helper, ["touch", "go"]);
    await helper.close();
    expect(await first).toMatchObject({ code: 0 });
    expect(others.map((_, n) => existsSync(join(folder, `recalled-${n}`)))).not.toContain(true);
    expect(await run(slot, ["echo", "next"])).toMatchObject({ code: 0, stdout: Buffer.from("next\n") });
  });

  it("start only when the tree of one whose time was up is gone", async () => {
    const first = run(
      slot,
      ["sh", "-c", "(trap '' TERM; while :; do sleep 1; done) & echo $!; exec sleep 1000"],
      {},
      { timeout: 1000, grace: 100 },
    );
    const others = Array.from({ length: 10 }, (_, n) => run(slot, ["sh", "-c", `ps -A >/dev/null; echo ${n}`]));
    const { stdout, ...ended } = await first;
    expect(ended).toMatchObject({ signal: "SIGTERM", timedOut: true });
    expect(isGone(Number(stdout))).toBe(true);
    const ran = await Promise.all(others);
    expect(ran.map((other) => [other.code, other.timedOut, other.stdout.toString()])).toEqual(
      ran.map((_, n) => [0, false, `${n}\n`]),
    );
  });

  it("each have their own limits", async () => {
    const ran = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        n % 2 === 0
          ? run(slot, ["sleep", "1000"], {}, { timeout: 50, grace: 1_000 })
          : run(slot, ["sleep", "0.06"], {}, { timeout: 60_000 }),
      ),
    );
    expect(ran.map(({ signal, code, timedOut }) => signal ?? [code, timedOut])).toEqual(
      ran.map((_, n) => (n % 2 === 0 ? "SIGTERM" : [0, false])),
    );
  });

  it("go on in another shell when theirs is killed", async () => {
    const { output, line } = firstLine();
    const first = run(slot, ["sh", "-c", "echo $$ $PPID; sleep 1000"], {}, { output });
    const others = Array.from({ length: slot.ahead }, (_, n) => run(slot, ["echo", String(n)]));
    const [command, shell] = (await line).split(" ").map(Number);
    process.kill(Number(shell), "SIGKILL");
    await expect(first).rejects.toMatchObject({ code: "lost" });
    expect(isGone(Number(command))).toBe(true);
    expect((await Promise.all(others)).map(({ stdout }) => stdout.toString())).toEqual(others.map((_, n) => `${n}\n`));
  });

  it("outlive one that signals its whole process group", async () => {
    const signals = ["TERM", "INT", "HUP", "QUIT", "USR2", "ALRM", "TERM", "INT"];
    const ran = await runAll(
      slot,
      signals.flatMap((signal) => [
        ["sh", "-c", `kill -${signal} 0`],
        ["echo", signal],
      ]),
    );
    expect(ran.filter((_, n) => n % 2 === 0).map(({ signal }) => signal)).toEqual(
      signals.map((signal) => `SIG${signal}`),
    );
    expect(ran.filter((_, n) => n % 2 === 1).map(({ stdout }) => stdout.toString())).toEqual(
      signals.map((signal) => `${signal}\n`),
    );
  });

  it("follow one that stops its whole process group, when its time is up", async () => {
    const first = run(slot, ["sh", "-c", "kill -STOP 0; sleep 1000"], {}, { timeout: 1000 });
    const second = run(slot, ["echo", "next"]);
    expect(await first).toMatchObject({ signal: "SIGTERM", timedOut: true });
    expect(await second).toMatchObject({ code: 0, stdout: Buffer.from("next\n") });
  });

  it("spare what an earlier one left in the background, which is silent", async () => {
    const script = "(while :; do sleep 0.01; done) </dev/null >/dev/null 2>&1 & echo $!";
    const left = Number((await run(slot, ["sh", "-c", script])).stdout);
    const late = await run(slot, ["sh", "-c", "sleep 1000 & echo $!; sleep 1000"], {}, { timeout: 1000 });
    expect(late).toMatchObject({ signal: "SIGTERM", timedOut: true });
    expect(isGone(Number(late.stdout))).toBe(true);
    expect(isGone(left)).toBe(false);
    process.kill(left, "SIGKILL");
    await vi.waitUntil(() => isGone(left), { timeout: 60_000 });
  });

  it("hear nothing of what an earlier one left in the background, which is noisy", async () => {
    const noisy = "(while :; do echo noise; echo noise >&2; done) & echo $!";
    const ran = await runAll(
      slot,
      Array.from({ length: 60 }, (_, n) => ["sh", "-c", n === 20 ? noisy : `echo ${n}; echo ${n} >&2`]),
    );
    const pid = ran[20]?.stdout
      .toString()
      .split("\n")
      .find((line) => /^\d+$/.test(line));
    process.kill(Number(pid), "SIGKILL");
    const texts = ran.map(({ stdout, stderr }) => [stdout.toString(), stderr.toString()]);
    texts.splice(20, 1);
    expect(texts).toEqual(ran.flatMap((_, n) => (n === 20 ? [] : [[`${n}\n`, `${n}\n`]])));
  });

  it("are told apart from each other in their stdin, directory and variables", async () => {
    const script = 'pwd; echo "$A"; cat';
    const ran = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        n % 3 === 0
          ? run(slot, ["sh", "-c", script], { cwd: "/usr", env: { A: `${n}` } })
          : n % 3 === 1
            ? run(slot, ["sh", "-c", script], { stdinFile: "/etc/hostname" })
            : run(slot, ["sh", "-c", script]),
      ),
    );
    const host = (await run(slot, ["cat", "/etc/hostname"])).stdout.toString();
    expect(ran.map(({ stdout }) => stdout.toString())).toEqual(
      ran.map((_, n) => (n % 3 === 0 ? `/usr\n${n}\n` : `${folder}\n\n${n % 3 === 1 ? host : ""}`)),
    );
  });

  it("do not start once the slot is closed", async () => {
    const { output, line } = firstLine();
    const first = run(slot, ["sh", "-c", "echo on; sleep 1000"], {}, { output });
    await line;
    const others = Array.from({ length: slot.ahead }, (_, n) => run(slot, ["touch", `closed-${n}`]));
    const settled = Promise.allSettled(others);
    await slot.close();
    expect(await first).toMatchObject({ signal: "SIGKILL" });
    for (const other of await settled)
      expect(other).toMatchObject(
        other.status === "rejected" ? { reason: { code: "closed" } } : { value: { started: false, aborted: true } },
      );
    expect(others.map((_, n) => existsSync(join(folder, `closed-${n}`)))).not.toContain(true);
  });
});

/** As many at a time as the slot takes. */
async function runAll(slot: CommandSlot, all: readonly (readonly string[])[]): Promise<Ran[]> {
  const results: Promise<Ran>[] = [];
  for (const argv of all) {
    const before = results[results.length - slot.ahead - 1];
    await before;
    results.push(run(slot, argv));
  }
  return Promise.all(results);
}
