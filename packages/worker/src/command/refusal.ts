import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute } from "node:path";
import type { Command, CommandResult, OutputSink } from "./command.ts";
import type { Environment } from "./environment.ts";
import { WorkerError } from "../errors.ts";
import type { PlacedCommand } from "./slot.ts";
import { unstarted } from "./status.ts";

export interface Refusal {
  readonly code: 126 | 127;
  readonly message: string;
}

/**
 * Why a command can't be started, if that shows beforehand, with the code that a shell would give. The program is
 * looked for in the PATH of the command itself. `base` is where the slot is, and known to be there.
 */
export function refusal(command: PlacedCommand, env: Environment, base: string): Refusal | undefined {
  const {
    directory,
    argv: [program],
  } = command;
  if (program === undefined) return { code: 127, message: "argv is empty: name a program" };
  if (command.argv.some(hasNul) || hasNul(directory) || hasNul(command.stdinFile ?? "") || holdsNul(command.env))
    return {
      code: 126,
      message: `${program}: an argument, a variable or a path holds a NUL, which no program can be given`,
    };
  if (directory !== base && kindOf(directory) !== "directory")
    return { code: 127, message: `cwd: no such directory: ${directory}` };
  if (command.stdinFile !== undefined && !isReadable(command.stdinFile))
    return { code: 126, message: `stdin: cannot be read: ${command.stdinFile}` };
  return missing(program, directory, command.env?.["PATH"] ?? env["PATH"] ?? DEFAULT_PATH);
}

function hasNul(word: string): boolean {
  return word.includes("\0");
}

function holdsNul(env: Command["env"]): boolean {
  return env !== undefined && Object.entries(env).flat().some(hasNul);
}

/** Says why on channel 2, in one line. */
export async function refuse({ code, message }: Refusal, output: OutputSink): Promise<CommandResult> {
  try {
    await output.onData(2, Buffer.from(`skyburst: ${message}\n`));
  } catch (cause) {
    throw new WorkerError("sink", "The reason why the command can't start could not be written.", { cause });
  }
  return unstarted({ code });
}

function missing(program: string, directory: string, path: string): Refusal | undefined {
  if (program === "") return { code: 127, message: "'': command not found" };
  if (program.includes("/")) return missingFile(program, directory);
  if (found.program === program && found.path === path && isStillThere()) return undefined;
  let forbidden = false;
  for (const folder of path.split(delimiter)) {
    const file = isAbsolute(folder) ? `${folder}/${program}` : `${directory}/${folder}/${program}`;
    // A folder that happens to have the name is passed over, as execvp does.
    if (kindOf(file) !== "file") continue;
    if (isExecutable(file)) {
      if (isAbsolute(folder)) found = { program, path, file };
      return undefined;
    }
    forbidden = true;
  }
  return forbidden
    ? { code: 126, message: `${program}: permission denied` }
    : { code: 127, message: `${program}: command not found` };
}

/** The newest find in a PATH: most slots run one program again and again, and a PATH has many folders to ask. */
let found = { program: "", path: "", file: "" };
/** It was looked at in this turn of the event loop, in which commands are asked for by the dozen. */
let isFresh = false;

function isStillThere(): boolean {
  if (isFresh) return true;
  if (!isExecutable(found.file)) return false;
  isFresh = true;
  setImmediate(() => (isFresh = false));
  return true;
}

/** The file of a program that was found in this PATH just now. */
export function fileOf(program: string, path: string): string | undefined {
  return found.program === program && found.path === path ? found.file : undefined;
}

function missingFile(program: string, directory: string): Refusal | undefined {
  const file = isAbsolute(program) ? program : `${directory}/${program}`;
  const kind = kindOf(file);
  if (kind === undefined) return { code: 127, message: `${program}: no such file` };
  if (kind === "directory") return { code: 126, message: `${program}: is a directory` };
  return isExecutable(file) ? undefined : { code: 126, message: `${program}: permission denied` };
}

function kindOf(path: string): "file" | "directory" | undefined {
  const stats = statQuietly(path);
  if (stats === undefined) return undefined;
  return stats.isDirectory() ? "directory" : "file";
}

function statQuietly(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // A folder that may not be searched, a name that is too long: not to be found, as for execvp.
    return undefined;
  }
}

const isExecutable = (path: string) => isAllowed(path, constants.X_OK);
const isReadable = (path: string) => kindOf(path) !== "directory" && isAllowed(path, constants.R_OK);

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** What execvp searches without a PATH. */
const DEFAULT_PATH = "/usr/local/bin:/bin:/usr/bin";
