import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { LaunchProgram, Refusal, WorkerSpec } from "@skyburst/core";
import { systemCode } from "./errors.ts";

export type RefusalReason = Omit<Refusal, "slot">;

/** Fields of a spec that a process of this machine honours: the worker runs `slots` tasks at a time, in `env`. */
export const SPEC_FIELDS = ["slots", "env"] as const satisfies readonly (keyof WorkerSpec)[];

/** What to do about each field that a plain child process can't honour. */
const INSTEAD: Readonly<Record<Exclude<keyof WorkerSpec, (typeof SPEC_FIELDS)[number]>, string>> = {
  cpu: "a local worker may use every processor of this machine; say how many tasks run at a time with `slots`",
  memory:
    'nothing limits the memory of a local worker; limit its heap with `env: { NODE_OPTIONS: "--max-old-space-size=<MiB>" }`',
  gpus: 'a local worker sees every GPU of this machine; choose with an environment variable such as `env: { CUDA_VISIBLE_DEVICES: "0" }`',
  image: "a local worker runs on this machine as it is; use a container backend for an image",
  platform: "a local worker runs on this machine's platform; use a container backend for another",
  mounts: "a local worker sees the files of this machine; give their paths",
  spot: "a local worker is nobody's to take back; leave it out",
};

/** Why no worker of this kind can run here, or undefined. */
export function refuseSpec(spec: WorkerSpec): RefusalReason | undefined {
  for (const [field, instead] of Object.entries(INSTEAD)) {
    const value = (spec as Readonly<Record<string, unknown>>)[field];
    if (value !== undefined)
      return option(`The local backend does not take \`${field}: ${JSON.stringify(value)}\`: ${instead}.`);
  }
  return undefined;
}

/** The program's path, once its bytes were seen to be the ones asked for; or why it can't be run. */
export function verifyProgram(program: LaunchProgram): { readonly path: string } | { readonly refusal: RefusalReason } {
  if (!program.url.startsWith("file:")) {
    return {
      refusal: option(
        `The local backend does not take the program.url ${withoutQuery(program.url)}: give a file: URL of this machine.`,
      ),
    };
  }
  try {
    const path = fileURLToPath(program.url);
    const found = createHash("sha256").update(readFileSync(path)).digest("hex");
    if (found === program.sha256) return { path };
    return {
      refusal: option(
        `The program ${path} has the sha256 ${found} and not ${program.sha256}, program.sha256: build it again, and launch what was built.`,
      ),
    };
  } catch (error) {
    return {
      refusal: option(
        `The program.url ${program.url} can't be read (${systemCode(error) ?? String(error)}): give the file: URL of a program that this user may read.`,
      ),
    };
  }
}

function option(message: string): RefusalReason {
  return { kind: "option", message };
}

/** A signed address is a secret in its query. */
function withoutQuery(url: string): string {
  return url.split("?", 1)[0] ?? "";
}
