import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { isGone } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "skyburst-orphans-"));
const program = join(folder, "worker.mjs");
beforeAll(() =>
  build({
    entryPoints: [join(import.meta.dirname, "orphans-worker.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
  }),
);
afterAll(() => rmSync(folder, { recursive: true }));

it.each(["", "/bin/sh"])("leaves nothing running when the process of the slot is killed (%j)", async (shell) => {
  const worker = spawn(process.execPath, [program, shell], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: worker.stdout }), "line");
  const [command, loop] = String(line).split(" ").map(Number);
  expect(isGone(Number(command))).toBe(false);
  worker.kill("SIGKILL");
  await vi.waitUntil(() => isGone(Number(command)) && isGone(Number(loop)), { timeout: 60_000 });
});
