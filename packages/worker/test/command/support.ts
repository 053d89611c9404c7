import { readFileSync } from "node:fs";
import {
  directCommandSlot,
  loopCommandSlot,
  queueCommandSlot,
  type Command,
  type CommandResult,
  type CommandSlot,
  type CommandSlotOptions,
  type RunOptions,
} from "../../src/command/index.ts";

/** The ways in which a machine may run commands. */
export const KINDS: readonly { readonly kind: string; readonly open: (options?: CommandSlotOptions) => CommandSlot }[] =
  [
    { kind: "queue", open: (options) => queueCommandSlot(options) },
    { kind: "queue in bash", open: (options) => queueCommandSlot({ ...options, shells: ["/bin/bash"] }) },
    { kind: "loop", open: (options) => loopCommandSlot(options) },
    { kind: "loop in sh", open: (options) => loopCommandSlot({ ...options, shells: ["/bin/sh"] }) },
    { kind: "direct", open: (options) => directCommandSlot(options) },
  ];

export interface Ran extends CommandResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export async function run(
  slot: CommandSlot,
  argv: readonly string[],
  more: Partial<Command> = {},
  options: Partial<RunOptions> = {},
): Promise<Ran> {
  const pieces: { readonly 1: Uint8Array[]; readonly 2: Uint8Array[] } = { 1: [], 2: [] };
  const output = {
    onData(channel: 1 | 2, bytes: Uint8Array) {
      pieces[channel].push(bytes);
      return options.output?.onData(channel, bytes);
    },
  };
  const result = await slot.run({ argv, ...more }, { grace: 5_000, ...options, output });
  return { ...result, stdout: Buffer.concat(pieces[1]), stderr: Buffer.concat(pieces[2]) };
}

/** Resolves with the first line that a command writes, while it runs. */
export function firstLine(): { readonly output: RunOptions["output"]; readonly line: Promise<string> } {
  let told: (line: string) => void;
  let text = "";
  const line = new Promise<string>((resolve) => (told = resolve));
  return {
    line,
    output: {
      onData(_channel, bytes) {
        text += Buffer.from(bytes).toString();
        if (text.includes("\n")) told(text.slice(0, text.indexOf("\n")));
      },
    },
  };
}

/** Whether a process has ended; one that nobody has waited for yet has. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform === "linux" && readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return true;
  }
}
