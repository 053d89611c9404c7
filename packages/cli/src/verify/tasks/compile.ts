import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { begin } from "./begin.ts";

export interface Source {
  /** esbuild's program, compressed by gzip, in base64. */
  readonly compiler: string;
  /** What the compiler runs on, as `linux-x64`. */
  readonly platform: string;
  /** Text by name of the file. */
  readonly files: Readonly<Record<string, string>>;
}

export type Compiled =
  /** The compiler runs on another platform than this one. */
  | { readonly platform: string }
  /** What the program's export `main` returned. */
  | { readonly result: unknown };

/** Compiles `main.ts` with the compiler that it is given, and runs what comes out. */
export async function compile({ compiler, platform, files }: Source): Promise<Compiled> {
  await begin("begins to compile");
  const here = `${process.platform}-${process.arch}`;
  if (here !== platform) return { platform: here };
  const directory = mkdtempSync(join(tmpdir(), "skyburst-verify-"));
  try {
    const program = join(directory, "compiler");
    writeFileSync(program, gunzipSync(Buffer.from(compiler, "base64")), { mode: 0o755 });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    const out = join(directory, "main.mjs");
    const args = ["main.ts", "--bundle", "--format=esm", "--log-level=warning", `--outfile=${out}`];
    const { status, stderr, error } = spawnSync(program, args, { cwd: directory, encoding: "utf8" });
    if (error && "code" in error && error.code === "EACCES")
      throw new Error(`Nothing can be run that was written to ${tmpdir()}: mount it without noexec.`, { cause: error });
    if (status !== 0) throw new Error(`The compiler ended with ${status}: ${error?.message ?? stderr}`);
    console.log("has compiled");
    const module = (await import(pathToFileURL(out).href)) as { readonly main: () => unknown };
    return { result: module.main() };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
