import { basename, join } from "node:path";
import type { RuntimeFile } from "../runtime.ts";
import { readElf } from "./elf.ts";
import { fileAt } from "./host.ts";
import type { ImageFiles } from "./image-files.ts";
import type { Machine } from "./machine.ts";

/**
 * The loader and the libraries that a program needs, and those that they need, taken from an image into a directory. What they are is
 * read in their headers: nothing of the image is run, which this machine's kernel might not be able to.
 *
 * @throws {Error} The image lacks one, or has it for other processors.
 */
export async function librariesIn(
  files: ImageFiles,
  program: string,
  machine: Machine,
  directory: string,
): Promise<readonly RuntimeFile[]> {
  const { loader, needed } = await headerOf(program, machine);
  if (loader === undefined) throw new Error(`${basename(program)} names no loader`);
  const loaderFile = join(directory, "loader");
  if (!(await files.save([loader], loaderFile))) throw new Error(`the image has no ${loader}`);
  await headerOf(loaderFile, machine);
  const found = new Map([[basename(loader), fileAt("lib/loader", loaderFile)]]);
  const wanted = [...needed];
  for (const name of wanted) {
    if (found.has(name)) continue;
    const to = join(directory, basename(name));
    const folders = foldersOf(machine);
    if (
      !(await files.save(
        folders.map((folder) => `${folder}/${name}`),
        to,
      ))
    )
      throw new Error(`the image has no ${name} in ${folders.join(", ")}`);
    found.set(name, fileAt(`lib/${basename(name)}`, to));
    wanted.push(...(await headerOf(to, machine)).needed);
  }
  return [...found.values()];
}

/** Debian's first, then everybody's. */
function foldersOf({ folder }: Machine): readonly string[] {
  return [`/lib/${folder}`, `/usr/lib/${folder}`, "/lib64", "/usr/lib64", "/lib", "/usr/lib"];
}

/** @throws {Error} It is no program for this machine. */
export async function headerOf(path: string, machine: Machine) {
  const elf = await readElf(path);
  if (elf?.machine === machine.elf) return elf;
  throw new Error(`${basename(path)} is not for ${machine.platform}`);
}
