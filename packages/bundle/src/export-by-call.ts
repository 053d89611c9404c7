import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundleModule } from "./bundle-module.ts";
import { inScratch } from "./scratch.ts";

/** A call of core's `task` in a module. */
export interface TaskCall {
  /** `file:` URL of the module. */
  readonly url: string;
  /** Number of the call among those that the module makes, from 0; modulo their number, for one that was loaded again. */
  readonly call: number;
}

/**
 * The export that a module's nth call of `task` made, for a module that this process can't ask: test runners load modules
 * their own way, and what plain Node loads is another copy, or nothing. The module is bundled, loaded in a process of its
 * own, and its exports are told apart by their calls.
 */
export async function exportByCall({ url, call }: TaskCall): Promise<string | undefined> {
  const { bytes } = await bundleModule({ url, export: "*" });
  return inScratch(async (directory) => {
    await writeFile(join(directory, "module.mjs"), bytes);
    await writeFile(join(directory, "exports.mjs"), listing);
    const { stdout } = await run(process.execPath, [join(directory, "exports.mjs"), url], { timeout: 30_000 });
    const { total, exports } = JSON.parse(stdout.slice(stdout.lastIndexOf("\n{") + 1)) as {
      total: number;
      exports: [string, number][];
    };
    return exports.find(([, n]) => n === call % total)?.[0];
  });
}

const run = promisify(execFile);

/** Prints how often the module called `task`, and which call each export comes from. */
const listing = `
globalThis[Symbol.for("skyburst.worker")] = true;
globalThis[Symbol.for("skyburst.require")] = () => ({});
const { task: module } = await import("./module.mjs");
const total = globalThis[Symbol.for("skyburst.tasks")]?.get(process.argv[2]) ?? 0;
const exports = Object.entries(module).flatMap(([name, value]) => {
  const mark = typeof value === "function" ? value[Symbol.for("skyburst.task")] : undefined;
  return mark?.url === process.argv[2] ? [[name, mark.call]] : [];
});
process.stdout.write("\\n" + JSON.stringify({ total, exports }));
process.exit(0);
`;
