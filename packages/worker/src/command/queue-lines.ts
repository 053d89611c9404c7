import { queueLine, quickly } from "./command-line.ts";
import { splitEnvironment, type Environment } from "./environment.ts";
import type { Pair } from "./pair.ts";
import type { QueueShell } from "./queue-shell.ts";
import { fileOf } from "./refusal.ts";
import type { Ground, PlacedCommand } from "./slot.ts";
import { isDash } from "./start-queue-shell.ts";

/** The words in which a slot's shell is told its commands. */
export class QueueLines {
  /** What the shell is started with. */
  readonly env: Environment;
  readonly #awkward: Environment;
  readonly #base: string;
  readonly #path: string;

  /** @param shell Path of it; undefined: there is none. */
  constructor({ env, directory }: Ground, shell: string | undefined) {
    const { plain, awkward } = splitEnvironment(env, { isDash: shell !== undefined && isDash(shell) });
    this.env = plain;
    this.#awkward = awkward;
    this.#base = directory;
    this.#path = env["PATH"] ?? "";
  }

  /** Undefined when no line says it exactly. `followed`: what it writes may be heard before it ends. */
  of(
    command: PlacedCommand,
    { shell, pair, followed }: { readonly shell: QueueShell; readonly pair: Pair; readonly followed: boolean },
  ): string | undefined {
    const { folder, tellsNotices } = shell;
    const file = () => fileOf(command.argv[0] ?? "", this.#path);
    const quick = tellsNotices && !followed ? quickly(command, file()) : undefined;
    return queueLine(command, { base: this.#base, awkward: this.#awkward, folder, pair: pair.number, quick });
  }
}

/** Whether a line has the shell run its command itself, after which there may be a notice of it. */
export function isQuick(line: string): boolean {
  return line.startsWith("__r ");
}
