import { copyFileSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { execFileSync } from "node:child_process";
import type { DockerEngine } from "@skyburst/engines";

const name = "skyburst-bench/node:latest";

/**
 * An image of Node.js as small as it can be, without pulling one: this machine's own, with the libraries that it loads.
 *
 * @returns its name.
 */
export async function importNode({ docker }: DockerEngine, place: string): Promise<string> {
  const root = join(place, "root");
  for (const folder of ["bin", "lib", "tmp", "etc"]) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(process.execPath, join(root, "bin/node"));
  for (const library of libraries(process.execPath)) {
    // The loader is looked for at its own path, all else where loaders look by themselves.
    const target = join(root, basename(library).startsWith("ld-") ? library : join("lib", basename(library)));
    mkdirSync(join(target, ".."), { recursive: true });
    copyFileSync(library, target);
  }
  const archive = join(place, "node.tar");
  execFileSync("tar", ["--create", "--file", archive, "--directory", root, "."]);
  await docker("import", "--change", "ENV PATH=/bin LD_LIBRARY_PATH=/lib", archive, name);
  return name;
}

/** What the loader would load. */
function libraries(program: string): string[] {
  const told = execFileSync("ldd", [program], { encoding: "utf8" });
  return [...told.matchAll(/(?:^|=> )\s*(\/\S+) \(0x/gm)].map(([, path = ""]) => path);
}
