import { createHash, randomBytes } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { LaunchProgram } from "@skyburst/core";

/** A program as a file of this machine, by content. It is whole at any moment: another suite may be starting it. */
export async function publishHere(source: string): Promise<LaunchProgram> {
  const sha256 = createHash("sha256").update(source).digest("hex");
  const directory = join(tmpdir(), `skyburst-conformance-${userInfo().uid}`);
  const path = join(directory, `${sha256}.mjs`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, source);
  await rename(draft, path);
  return { sha256, url: pathToFileURL(path).href };
}
