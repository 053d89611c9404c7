import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const directory = fileURLToPath(new URL("..", import.meta.url));

/** Plays in a process of its own: the code under test is the sources there, and what packages are built into everywhere else. */
export async function played(...args: readonly string[]): Promise<string> {
  const node = [process.execPath, ["--import", "tsx", "src/main.ts", ...args]] as const;
  const options = {
    cwd: directory,
    env: { ...process.env, TSX_TSCONFIG_PATH: "tsconfig.json" },
    maxBuffer: 100_000_000,
  };
  return promisify(execFile)(...node, options).then(
    ({ stdout }) => stdout,
    (error: unknown) =>
      error instanceof Error && "stdout" in error
        ? `${String(error.stdout)}${String("stderr" in error ? error.stderr : "")}`
        : Promise.reject(error),
  );
}
