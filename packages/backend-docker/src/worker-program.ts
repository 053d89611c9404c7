import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { LaunchProgram } from "@skyburst/core";
import { reasonOf } from "./errors.ts";
import type { RefusalReason } from "./spec.ts";

/** The program's bytes, once they were seen to be the ones asked for; or why they can't be run. */
export function readProgram({ sha256, url }: LaunchProgram): { readonly bytes: Uint8Array } | RefusalReason {
  if (!url.startsWith("file:"))
    return { kind: "option", message: `program.url ${url.split("?", 1)[0]}: give a file: URL of this machine.` };
  try {
    const bytes = readFileSync(fileURLToPath(url));
    const found = createHash("sha256").update(bytes).digest("hex");
    if (found === sha256) return { bytes };
    const message = `The program ${url} has the sha256 ${found} and not ${sha256}, program.sha256: build it again, and launch what was built.`;
    return { kind: "option", message };
  } catch (error) {
    return { kind: "option", message: `The program.url ${url} can't be read: ${reasonOf(error)}` };
  }
}
