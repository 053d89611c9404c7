import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { DockerEngine } from "@skyburst/engines";
import { hostLibraries } from "../src/node/host.ts";
import { machineOf } from "../src/node/machine.ts";
import type { Machine } from "../src/node/machine.ts";

/** Names that stock images have. */
export const major = process.versions.node.split(".", 1)[0];
export const stockName = `node:${major}-slim`;

/**
 * Gives the engine an image under the name of the stock one, laid out alike: Node.js in /usr/local, `/lib` a link, and some libraries
 * links to their versions. Node.js and libraries are this machine's, since no image can be pulled in a test.
 */
export async function standInForStock(engine: DockerEngine, version = process.versions.node): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "skyburst-stock-"));
  try {
    put(root, "usr/local/bin/node", process.execPath);
    for (const { name, path } of await hostLibraries(process.execPath, machine)) {
      const at = name === "lib/loader" ? loaderPath() : `/usr/lib/${folder}/${basename(name)}`;
      put(root, `usr/lib/${folder}/${basename(realpathSync(path))}`, realpathSync(path));
      link(root, at.replace(/^\/(?=lib)/, "/usr/"), `/lib/${folder}/${basename(realpathSync(path))}`);
    }
    for (const name of ["lib", "lib64"]) symlinkSync(`usr/${name}`, join(root, name));
    await importRoot(engine, root, stockName, `ENV NODE_VERSION=${version}`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Makes an image of a directory. */
export async function importRoot(
  engine: DockerEngine,
  root: string,
  name: string,
  ...changes: string[]
): Promise<void> {
  const archive = `${root}.tar`;
  execFileSync("tar", ["--create", "--file", archive, "--directory", root, "."]);
  await engine.docker("import", ...changes.flatMap((change) => ["--change", change]), archive, name);
  rmSync(archive);
}

/** The host's, as container platforms name it. */
export const platform = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
const machine = machineOf(platform) as Machine;
const { folder } = machine;

function loaderPath(): string {
  return process.arch === "x64" ? "/lib64/ld-linux-x86-64.so.2" : "/lib/ld-linux-aarch64.so.1";
}

function put(root: string, name: string, from: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  cpSync(from, join(root, name));
}

function link(root: string, at: string, to: string): void {
  if (basename(at) === basename(to) && dirname(at).endsWith(dirname(to))) return;
  mkdirSync(dirname(join(root, at)), { recursive: true });
  symlinkSync(to, join(root, at));
}
