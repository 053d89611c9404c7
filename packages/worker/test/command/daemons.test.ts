import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommandSlot, CommandSlotOptions } from "../../src/command/index.ts";
import { firstLine, isGone, KINDS, run } from "./support.ts";

const kinds = KINDS.filter(({ kind }) => !kind.startsWith("loop"));

/** Starts a process that left its parent, its group and its session, tells its number, and goes on. */
const daemon = (rest = "sleep 1000") => `(setsid sleep 1000 >/dev/null 2>&1 & echo $!) | cat; ${rest}`;

describe.skipIf(process.platform !== "linux").each(kinds)("daemons of commands in a slot of $kind", ({ open }) => {
  const slots: CommandSlot[] = [];
  const left: number[] = [];
  let slot: CommandSlot;
  const opened = (options: CommandSlotOptions) => {
    const another = open(options);
    slots.push(another);
    return another;
  };
  beforeEach(() => {
    slot = opened({ label: "some-worker" });
  });
  afterEach(async () => {
    await Promise.all(slots.splice(0).map((one) => one.close()));
    for (const pid of left.splice(0)) if (!isGone(pid)) process.kill(pid, "SIGKILL");
  });

  it("end with the command whose time is up", async () => {
    const { stdout, timedOut } = await run(slot, ["sh", "-c", daemon()], {}, { timeout: 1000 });
    left.push(Number(stdout));
    expect([timedOut, isGone(Number(stdout))]).toEqual([true, true]);
  });

  it("end with it, deaf ones too, and what they started", async () => {
    const deaf = `setsid sh -c "trap '' TERM; (setsid sleep 1000 & echo \\$!); while :; do sleep 1; done" &`;
    const { stdout } = await run(slot, ["sh", "-c", `(${deaf}); sleep 1000`], {}, { timeout: 1000, grace: 100 });
    left.push(Number(stdout));
    expect(isGone(Number(stdout))).toBe(true);
  });

  it("of other slots and of commands before go on", async () => {
    const neighbour = opened({ label: "some-worker", number: 1 });
    const { output, line } = firstLine();
    const running = run(neighbour, ["sh", "-c", daemon()], {}, { output });
    const before = await run(slot, ["sh", "-c", daemon("true")]);
    const others = [Number(await line), Number(before.stdout)];
    left.push(...others);
    await run(slot, ["sh", "-c", "sleep 1000"], {}, { timeout: 100 });
    expect(others.map(isGone)).toEqual([false, false]);
    await neighbour.close();
    await running;
    expect(others.map(isGone)).toEqual([true, false]);
  });
});
