import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** How a user's TypeScript program is started on every supported Node. */
export function programArguments(name: string, ...args: readonly string[]): string[] {
  return [
    "--import",
    import.meta.resolve("tsx"),
    fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url)),
    ...args,
  ];
}

/** Runs one of `programs/` to its end; rejects when it fails. Resolves with what it printed. */
export async function runProgram(name: string, args: readonly string[], node: readonly string[] = []): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...node, ...programArguments(name, ...args)], {
    timeout: 100_000,
  });
  return stdout;
}
