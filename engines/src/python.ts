import { join } from "node:path";
import { installOnce } from "./cache.ts";
import { run } from "./run.ts";

/** A program of a Python package, in an environment of its own. */
export async function pythonProgram(name: string, packages: readonly string[], program: string): Promise<string> {
  const environment = await installOnce(name, async (directory) => {
    await run("python3", ["-m", "venv", directory]);
    await run(join(directory, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", ...packages]);
  });
  return join(environment, "bin", program);
}
