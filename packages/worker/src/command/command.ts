/** A program with its arguments, run as `execvp` would: no shell reads it, and no builtin shadows a program. */
export interface Command {
  readonly argv: readonly string[];
  /** Relative to the slot's directory; absent means that directory. `PWD` follows it. */
  readonly cwd?: string;
  /** Added to the slot's environment, for this command only. */
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the slot's directory. Absent means an empty stdin. */
  readonly stdinFile?: string;
}

export interface CommandResult {
  /** The exit code. Absent when a signal ended the command, or when it was aborted before it started. */
  readonly code?: number;
  /** `128 + n` from a pre-forked loop is read as signal n, as every shell does. */
  readonly signal?: string;
  /** Run time. Commands that were given ahead and ended within some milliseconds share their time evenly. */
  readonly seconds: number;
  /** False when nothing ran: no such program or directory (127), not executable (126), aborted beforehand. The reason is then a line on channel 2. */
  readonly started: boolean;
  readonly timedOut: boolean;
  readonly aborted: boolean;
}

/** 1 is stdout, 2 is stderr. */
export type OutputChannel = 1 | 2;

export interface OutputSink {
  /**
   * Takes bytes as they appear, in pieces of at most 64 KiB, which it may keep. The order within a channel is the command's;
   * between the channels it is that of arrival. Reading waits for a returned promise, and the command for a full pipe: a flood
   * costs no memory and no disk. All calls come before `run` resolves.
   */
  onData(channel: OutputChannel, bytes: Uint8Array): void | Promise<void>;
}

export interface RunOptions {
  /** Aborting ends the command's process group as a timeout does. */
  readonly signal?: AbortSignal;
  /** Milliseconds; absent means no limit. */
  readonly timeout?: number;
  /** Milliseconds from SIGTERM to SIGKILL; 0 kills at once. */
  readonly grace: number;
  readonly output: OutputSink;
}

export interface CommandSlot {
  /** How many commands may be given beside the one that runs. They follow it in order, without a pause between two. */
  readonly ahead: number;
  /**
   * Runs one command, whose whole process tree can be ended. A command's failure is a result. Rejects with a `WorkerError`: "busy"
   * while more than `ahead` others wait or run here, "closed" after `close`, "lost" when what watched the command died (the
   * command was killed), "sink" when the sink failed (likewise).
   *
   * A timeout ends the whole tree, and the result comes when that is gone; on Linux it ends daemons of the command, too. After a normal end, children that the command
   * left in the background live on, as under a shell or xargs; what they write from then on is dropped.
   */
  run(command: Command, options: RunOptions): Promise<CommandResult>;
  /** Takes back what waits behind the running command: it resolves as aborted and not started. */
  recall(): void;
  /** Kills what runs, at once, and frees the slot's processes. Idempotent. */
  close(): Promise<void>;
}

export interface CommandSlotOptions {
  /** The environment of every command. Default: this process's, as it is now. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where commands run. Default: this process's directory, as it is now. */
  readonly directory?: string;
  /** Becomes `SKYBURST_WORKER` in every command's environment, by which orphans can be found. */
  readonly label?: string;
  /** Number of the slot, which becomes `SKYBURST_SLOT`: with the label it tells what daemons a command that is ended has left. Default 0. */
  readonly number?: number;
  /** No other slot, and nobody else, starts processes that this one can see, as in a container: what bears no label is its own. */
  readonly alone?: boolean;
}
