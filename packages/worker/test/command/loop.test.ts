import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CommandSlot } from "../../src/command/index.ts";
import { firstLine, isGone, KINDS, run } from "./support.ts";

describe.each(KINDS.filter(({ kind }) => kind !== "direct"))("a loop of $kind", ({ open }) => {
  let slot: CommandSlot;
  beforeEach(() => {
    slot = open();
  });
  afterEach(() => slot.close());

  it("loses the command when the loop is killed, kills it, and starts another loop", async () => {
    const { output, line } = firstLine();
    const running = run(slot, ["sh", "-c", "echo $$ $PPID; sleep 1000"], {}, { output });
    const [command, loop] = (await line).split(" ").map(Number);
    process.kill(Number(loop), "SIGKILL");
    await expect(running).rejects.toMatchObject({ name: "WorkerError", code: "lost", retryable: true });
    expect(isGone(Number(command))).toBe(true);
    expect(await run(slot, ["echo", "next"])).toMatchObject({ code: 0, stdout: Buffer.from("next\n") });
  });

  it("starts another loop when one died between two commands", async () => {
    const loop = Number((await run(slot, ["sh", "-c", "echo $PPID"])).stdout);
    process.kill(loop, "SIGKILL");
    // Not before it is known here.
    await vi.waitUntil(() => !isKnown(loop), { timeout: 60_000 });
    const next = await run(slot, ["sh", "-c", "echo $PPID"]);
    expect(Number(next.stdout)).not.toBe(loop);
  });

  it("leaves children in the background alive, and their noise out of the next command", async () => {
    const left = await run(slot, ["sh", "-c", "(while :; do echo noise; echo noise >&2; done) & echo $!"]);
    const noisy = Number(
      left.stdout
        .toString()
        .split("\n")
        .find((line) => line !== "noise"),
    );
    for (let index = 0; index < 20; index += 1) {
      const ran = await run(slot, ["sh", "-c", `echo ${index}; echo ${index} >&2`]);
      expect([ran.stdout.toString(), ran.stderr.toString()]).toEqual([`${index}\n`, `${index}\n`]);
    }
    expect(isGone(noisy)).toBe(false);
    process.kill(noisy, "SIGKILL");
  });

  it("gives a command real pipes and nothing else open", async () => {
    const ran = await run(slot, [
      "sh",
      "-c",
      "echo out >/dev/stdout; echo err >/dev/stderr; for fd in 3 4 5 6 7 8 9; do (true >&$fd) 2>/dev/null && echo open $fd; done",
    ]);
    expect([ran.stdout.toString(), ran.stderr.toString()]).toEqual(["out\n", "err\n"]);
  });

  it.runIf(process.platform === "linux")("waits for a command that was stopped for a while", async () => {
    const ran = await run(slot, [
      "sh",
      "-c",
      "(while ! grep -q 'State:.T' /proc/$$/status; do :; done; kill -CONT $$) & kill -STOP $$; exit 5",
    ]);
    expect(ran).toMatchObject({ code: 5 });
  });
});

function isKnown(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
