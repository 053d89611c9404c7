import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Runs a program to its end and resolves with what it printed; rejects with all of it when it fails. */
export async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      env: { ...process.env, ...env },
      maxBuffer: 2 ** 26,
      encoding: "utf8",
    });
    return stdout;
  } catch (cause) {
    const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).slice(-2000) : "";
    throw new Error(`${command} ${args.join(" ")} failed.\n${said}`, { cause });
  }
}
