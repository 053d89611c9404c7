import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommandSlot } from "../../src/command/index.ts";
import { firstLine, isGone, KINDS, run } from "./support.ts";

describe.each(KINDS)("limits in a slot of $kind", ({ open }) => {
  let slot: CommandSlot;
  beforeEach(() => {
    slot = open();
  });
  afterEach(() => slot.close());

  it("ends the whole tree of a command whose time is up, and nothing else", async () => {
    const other = open();
    const { output, line } = firstLine();
    const neighbour = run(other, ["sh", "-c", "echo $$; sleep 1000"], {}, { output });
    await line;
    const ran = await run(slot, ["sh", "-c", "sleep 1000 & echo $$ $!; sleep 1000"], {}, { timeout: 1000 });
    expect(ran).toMatchObject({ signal: "SIGTERM", timedOut: true, aborted: false, started: true });
    expect(ran.stdout.toString().split(" ").map(Number).map(isGone)).toEqual([true, true]);
    expect(isGone(Number(await line))).toBe(false);
    await other.close();
    await neighbour;
    expect(isGone(Number(await line))).toBe(true);
  });

  it("kills what ignores SIGTERM after the grace time, deaf grandchildren too", async () => {
    const ran = await run(
      slot,
      ["sh", "-c", "(trap '' TERM; while :; do sleep 1; done) & echo $!; exec sleep 1000"],
      {},
      { timeout: 1000, grace: 100 },
    );
    expect(ran).toMatchObject({ signal: "SIGTERM", timedOut: true });
    expect(isGone(Number(ran.stdout))).toBe(true);
    expect(
      await run(
        slot,
        ["sh", "-c", "trap '' TERM; echo on; while :; do sleep 1; done"],
        {},
        { timeout: 1000, grace: 100 },
      ),
    ).toMatchObject({ signal: "SIGKILL" });
  });

  it("gives a command the grace time to end by itself", async () => {
    const ran = await run(
      slot,
      ["sh", "-c", "trap 'echo bye; exit 7' TERM; echo on; while :; do sleep 0.01; done"],
      {},
      { timeout: 500, grace: 20_000 },
    );
    expect(ran).toMatchObject({ code: 7, timedOut: true });
    expect(ran.stdout.toString()).toBe("on\nbye\n");
  });

  it("ends a stopped command", async () => {
    expect(await run(slot, ["sh", "-c", "kill -STOP $$"], {}, { timeout: 1000 })).toMatchObject({
      signal: "SIGTERM",
      timedOut: true,
    });
  });

  it("ends an aborted command, and starts none that was aborted before", async () => {
    const { output, line } = firstLine();
    const abort = new AbortController();
    const running = run(slot, ["sh", "-c", "echo on; sleep 1000"], {}, { signal: abort.signal, output });
    await line;
    abort.abort();
    expect(await running).toMatchObject({ signal: "SIGTERM", aborted: true, timedOut: false });
    const never = await run(slot, ["sh", "-c", "echo on"], {}, { signal: abort.signal });
    expect(never).toMatchObject({ started: false, aborted: true });
    expect(never.stdout.length).toBe(0);
  });

  it("ends a command that is aborted in the moment of its start", async () => {
    expect(await run(slot, ["true"])).toMatchObject({ code: 0 });
    for (let round = 0; round < 20; round += 1) {
      const abort = new AbortController();
      const running = run(slot, ["sleep", "1000"], {}, { signal: abort.signal });
      await new Promise((resolve) => setImmediate(resolve));
      abort.abort();
      const { started, signal, aborted } = await running;
      expect([started, signal, aborted]).toEqual([started, started ? "SIGTERM" : undefined, true]);
    }
    expect(await run(slot, ["true"])).toMatchObject({ code: 0 });
  });

  it("ends a command whose sink fails, and serves the next one", async () => {
    const broken = new Error("disk full");
    for (const onData of [
      () => {
        throw broken;
      },
      async () => {
        throw broken;
      },
    ]) {
      const running = run(slot, ["sh", "-c", "echo on; sleep 1000"], {}, { output: { onData } });
      await expect(running).rejects.toMatchObject({ name: "WorkerError", code: "sink", cause: broken });
    }
    expect(await run(slot, ["echo", "next"])).toMatchObject({ code: 0, stdout: Buffer.from("next\n") });
  });

  it("does not outrun its sink: 50 MB pass, never two pieces of a channel at once", async () => {
    const size = 50 * 1024 * 1024;
    let [total, open, most, longest] = [0, 0, 0, 0];
    await slot.run(
      { argv: ["head", "-c", String(size), "/dev/zero"] },
      {
        grace: 1_000,
        output: {
          async onData(_channel, bytes) {
            most = Math.max(most, (open += 1));
            longest = Math.max(longest, bytes.length);
            total += bytes.length;
            await new Promise((resolve) => setImmediate(resolve));
            open -= 1;
          },
        },
      },
    );
    expect({ total, most }).toEqual({ total: size, most: 1 });
    expect(longest).toBeLessThanOrEqual(65_536);
  });
});
