import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { basename } from "node:path";
import { promisify } from "node:util";
import type { Runtime, RuntimeFile } from "../runtime.ts";
import type { Machine } from "./machine.ts";

/** The Node.js that runs this process. @throws {Error} It can't run there. */
export async function nodeOfHost(machine: Machine): Promise<Runtime> {
  const files = [fileAt("node", process.execPath), ...(await hostLibraries(process.execPath, machine))];
  return { version: process.versions.node, source: "the host's own", files };
}

/** The loader and the libraries that this machine has for a program, by what its loader says that it would load. */
export async function hostLibraries(program: string, { platform, arch }: Machine): Promise<readonly RuntimeFile[]> {
  if (process.platform !== "linux" || process.arch !== arch)
    throw new Error(`this machine is ${process.platform}/${process.arch}, not ${platform}`);
  const { stdout } = await promisify(execFile)("ldd", [program]);
  const missing = /^\s*(\S+) => not found/m.exec(stdout)?.[1];
  if (missing !== undefined) throw new Error(`this machine has no ${missing}`);
  const paths = [...stdout.matchAll(/(?:^|=> )\s*(\/\S+) \(0x/gm)].map(([, path = ""]) => path);
  const loader = paths.find((path) => /^ld-(linux|musl)/.test(basename(path)));
  if (loader === undefined) throw new Error(`ldd does not say which loader ${program} has`);
  const shared = paths.filter((path) => path !== loader);
  return [fileAt("lib/loader", loader), ...shared.map((path) => fileAt(`lib/${basename(path)}`, path))];
}

export function fileAt(name: string, path: string): RuntimeFile {
  return { name, path, size: statSync(path).size };
}
