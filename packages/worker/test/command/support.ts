import {
  commandSlot,
  directCommandSlot,
  type Command,
  type CommandResult,
  type CommandSlot,
  type CommandSlotOptions,
  type RunOptions,
} from "../../src/command/index.ts";

/** The three ways in which a machine may run commands. */
export const KINDS: readonly { readonly kind: string; readonly open: (options?: CommandSlotOptions) => CommandSlot }[] =
  [
    { kind: "the best shell here", open: (options) => commandSlot(options) },
    { kind: "sh", open: (options) => commandSlot({ ...options, shells: ["/bin/sh"] }) },
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
