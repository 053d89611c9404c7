import { existsSync } from "node:fs";
import type { Environment } from "./environment.ts";
import type { QueueShell } from "./queue-shell.ts";
import { startQueueShell } from "./start-queue-shell.ts";

export interface QueueShellsOptions {
  /** Path of the shell; undefined: there is none. */
  readonly path: string | undefined;
  readonly env: Environment;
  readonly directory: string;
  readonly onReport: () => void;
}

/** The shell of a slot, and those before it in whose pipes children were left behind. */
export class QueueShells {
  readonly #options: QueueShellsOptions;
  readonly #left = new Set<QueueShell>();
  #current: QueueShell | undefined;
  #starting: Promise<void> | undefined;

  constructor(options: QueueShellsOptions) {
    this.#options = options;
  }

  get current(): QueueShell | undefined {
    return this.#current;
  }

  get isStarting(): boolean {
    return this.#starting !== undefined;
  }

  /** Starts one, in place of the one before. `up` is called when it is; with undefined when none is fit. */
  start(up: (shell: QueueShell | undefined) => void): void {
    if (this.#current) this.#leave(this.#current);
    this.#current = undefined;
    this.#starting = this.#launch().then((shell) => {
      this.#starting = undefined;
      this.#current = shell;
      up(shell);
    });
  }

  /** Ends all of them. */
  async end(): Promise<void> {
    await this.#starting;
    await this.#current?.end();
    this.#current?.release();
    for (const old of this.#left) old.release();
  }

  async #launch(): Promise<QueueShell | undefined> {
    const { path, ...more } = this.#options;
    // A temp folder that is full or read-only is no reason to fail: the direct way needs none.
    return path === undefined ? undefined : await startQueueShell({ path, ...more }).catch(() => undefined);
  }

  #leave(old: QueueShell): void {
    this.#left.add(old);
    // A folder that can't be removed stays among the temporary ones.
    void old.end().catch(() => undefined);
    for (const oldest of this.#left) {
      if (this.#left.size <= MOST_LEFT) break;
      oldest.release();
      this.#left.delete(oldest);
    }
  }
}

/** The first of these paths at which there is a shell. */
export function firstShell(paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(path));
}

/** Each holds some open files here. */
const MOST_LEFT = 8;
