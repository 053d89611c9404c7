import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { bin, place, started } from "./skyburst.ts";

/** A command that takes no notice of being asked to stop but to write it down, and so has to be killed. */
const stubborn = 'trap "echo >> asked" TERM; echo $$ > pid; while :; do sleep 0.05; done';

/** Resolves when the file is there, with what is in it. */
async function file(path: string): Promise<string> {
  while (!existsSync(path) || readFileSync(path).length === 0) await new Promise((resolve) => setImmediate(resolve));
  return readFileSync(path, "utf8");
}

/** What the client left behind when it did not wait. */
async function end(cwd: string): Promise<void> {
  process.kill(Number(await file(join(cwd, "pid"))), "SIGKILL");
}

describe("who interrupts twice", () => {
  test.each([
    ["run", ["run", "--", "sh", "-c", stubborn]],
    ["each", ["each", "in.txt", "--", "sh", "-c", stubborn]],
  ])("does not wait for what is still being stopped: %s", async (_, args) => {
    const cwd = place({ "in.txt": "a\n" });
    const running = started(cwd, args);
    await file(join(cwd, "pid"));
    running.kill("SIGINT");
    await file(join(cwd, "asked"));
    running.kill("SIGINT");
    expect(await running.ended).toBe(130);
    // Who waits is told at the end how far it came.
    expect(running.errors()).not.toContain("skyburst: interrupted");
    await end(cwd);
  });

  test("may do so by two signals, of which the second tells the exit code", async () => {
    const cwd = place();
    const running = started(cwd, ["run", "--", "sh", "-c", stubborn]);
    await file(join(cwd, "pid"));
    running.kill("SIGINT");
    await file(join(cwd, "asked"));
    running.kill("SIGTERM");
    expect(await running.ended).toBe(143);
    await end(cwd);
  });

  // `script` gives the command a terminal, which turns a key into a signal.
  test.runIf(process.platform === "linux")("is told on a terminal that this is possible", async () => {
    const cwd = place({ "in.txt": "a\n", "stubborn.sh": stubborn });
    const running = execa(
      "/usr/bin/script",
      ["-qec", `${process.execPath} ${bin} each in.txt -- sh stubborn.sh`, "/dev/null"],
      {
        cwd,
        reject: false,
        stdin: "pipe",
        env: { HOME: cwd, TERM: "xterm", NO_COLOR: "1" },
      },
    );
    let shown = "";
    const told = new Promise<void>((resolve) => {
      running.stdout.on("data", (chunk: Buffer) => {
        shown += chunk.toString();
        if (shown.includes("Ctrl-C again exits at once")) resolve();
      });
    });
    await file(join(cwd, "pid"));
    running.stdin.write("\u0003");
    await told;
    await file(join(cwd, "asked"));
    running.stdin.write("\u0003");
    expect((await running).exitCode).toBe(130);
    expect(shown).toContain("skyburst: stopping what runs; Ctrl-C again exits at once");
    expect(shown).not.toContain("skyburst: interrupted after");
    await end(cwd);
  });
});

test("who interrupts while the provider is away is told that, and ends as who interrupts", async () => {
  const away = (call: string) => `${call}: async (...args) => {
    if (existsSync("away")) throw new BackendError("unavailable", "No engine answers.", { retryable: false });
    return it.${call}(...args);
  }`;
  const cwd = place({
    "skyburst.config.ts": `
import { existsSync } from "node:fs";
import { local } from ${JSON.stringify(moduleOf("@skyburst/backend-local"))};
import { BackendError } from ${JSON.stringify(moduleOf("@skyburst/core"))};
const it = local();
export default { backend: { ...it, ${["launch", "list", "stop"].map(away).join(", ")} } };`,
  });
  const running = started(cwd, ["run", "--", "sh", "-c", "echo $$ > pid; exec sleep 60"]);
  await file(join(cwd, "pid"));
  writeFileSync(join(cwd, "away"), "");
  running.kill("SIGINT");
  expect(await running.ended).toBe(130);
  expect(running.errors()).toMatch(/^skyburst: whether workers of \S+ run on is not known: No engine answers\.$/m);
  expect(running.errors()).toMatch(/^skyburst: interrupted$/m);
});

function moduleOf(name: string): string {
  return new URL(import.meta.resolve(name)).pathname;
}
