import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { LaunchProgram } from "@skyburst/core";

/** A program as a file of this machine, by content: the same one is written over by its own bytes. */
export async function publishHere(source: string): Promise<LaunchProgram> {
  const sha256 = createHash("sha256").update(source).digest("hex");
  const directory = join(tmpdir(), `skyburst-conformance-${userInfo().uid}`);
  const path = join(directory, `${sha256}.mjs`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(path, source);
  return { sha256, url: pathToFileURL(path).href };
}
