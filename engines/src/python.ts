import { join } from "node:path";
import { installOnce } from "./cache.ts";
import { run } from "./run.ts";

/** A program of a Python package, in an environment of its own. */
export async function pythonProgram(name: string, packages: readonly string[], program: string): Promise<string> {
  // An environment holds its own path, so that it is made where it stays; the mark says that it is complete.
  const place = await installOnce(`${name}-python`, async () => undefined);
  const environment = join(place, "environment");
  await installOnce(`${name}-python/complete`, async () => {
    await run("python3", ["-m", "venv", "--clear", environment]);
    await run(join(environment, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", ...packages]);
  });
  return join(environment, "bin", program);
}
