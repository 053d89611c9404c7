import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../dist/program.mjs", import.meta.url));

/** How the worker program ends that was told this on its standard input. */
async function toldBy(input: string): Promise<{ readonly code: unknown; readonly said: string }> {
  const child = spawn(process.execPath, [program, "--arguments=stdin"], { stdio: ["pipe", "ignore", "pipe"] });
  const pieces: Buffer[] = [];
  child.stderr.on("data", (piece: Buffer) => pieces.push(piece));
  child.stdin.end(input);
  const [code]: unknown[] = await once(child, "close");
  return { code, said: Buffer.concat(pieces).toString() };
}

test("a process that was told nothing, or not all, is no worker and ends", async () => {
  expect(await toldBy("")).toEqual({ code: 0, said: "" });
  expect(await toldBy('["--session=s"]')).toEqual({ code: 0, said: "" });
});

test("what it is told is what it would have been started with", async () => {
  const { code, said } = await toldBy('["--session=s","--launch=0"]\n');
  expect(code).toBe(1);
  expect(said).toContain("A worker is started with --store=…, and this one was not.");
});
