import type { ChildProcess } from "node:child_process";
import { Writable } from "node:stream";
import type { Channel } from "./channel.ts";
import { signalGroup } from "./group.ts";
import type { Limits } from "./limits.ts";
import { markSplitter, type Split } from "./mark-splitter.ts";
import type { PidLedger } from "./pid-ledger.ts";

/** How a shell says that a command ended: its `$?`, and its pid, which is its process group. */
export interface Report {
  readonly status: number;
  readonly pid: number;
}

export interface LoopParts {
  readonly child: ChildProcess;
  readonly pids: PidLedger;
  readonly out: Channel;
  readonly err: Channel;
  /** Non-blocking. */
  readonly errFd: number;
  /** Stands in stdout before each report. */
  readonly mark: string;
  /** Path of setsid(1), if commands need it to get a process group. */
  readonly setsid: string | undefined;
}

/** A pre-forked shell that is ready to run a command for each line it is given, one at a time. */
export class Loop {
  readonly setsid: string | undefined;
  readonly #parts: LoopParts;
  readonly #split: (piece: Buffer) => Split;
  readonly #exited: Promise<void>;
  #commands = 0;
  #died: (() => void) | undefined;
  #ending: Promise<void> | undefined;

  constructor(parts: LoopParts) {
    this.#parts = parts;
    this.setsid = parts.setsid;
    this.#split = markSplitter(parts.mark);
    this.#exited = exit(parts.child).then(() => this.#died?.());
  }

  get running(): boolean {
    return isRunning(this.#parts.child);
  }

  /** The process group of the newest command, or undefined as long as it hasn't been started. */
  get group(): number | undefined {
    return this.#parts.pids.find(this.#commands);
  }

  /** Resolves when all output is delivered, or to undefined when the loop died. */
  async run(line: string, deliver: Limits["deliver"]): Promise<Report | undefined> {
    const { child, out, err, errFd, pids } = this.#parts;
    this.#commands += 1;
    pids.begin();
    const report = await new Promise<Report | undefined>((resolve) => {
      this.#died = () => resolve(undefined);
      err.attach((bytes) => deliver(2, bytes));
      out.attach((piece) => {
        const { bytes, report } = this.#split(piece);
        const [of, status, pid] = report?.split(" ") ?? [];
        if (Number(of) === this.#commands) resolve({ status: Number(status), pid: Number(pid) });
        return bytes.length === 0 ? undefined : deliver(1, bytes);
      });
      child.stdin?.write(line);
    });
    this.#died = undefined;
    // The command wrote before it ended, so what it said on stderr is in the pipe by now.
    if (report !== undefined) err.drain(errFd);
    await out.finish();
    await err.finish();
    return report;
  }

  /** Kills the loop, but not its command. With `discard`, the command's children may go on writing, to nobody, until `release`. Idempotent. */
  end(options = { discard: false }): Promise<void> {
    this.#ending ??= this.#end(options);
    return this.#ending;
  }

  release(): void {
    this.#parts.out.destroy();
    this.#parts.err.destroy();
  }

  async #end({ discard }: { readonly discard: boolean }): Promise<void> {
    const { child, pids, out, err } = this.#parts;
    endChild(child);
    for (const channel of [out, err]) {
      if (discard) channel.discard();
      else channel.destroy();
    }
    await this.#exited;
    pids.close();
  }
}

/** Also ends what the child has in its own group and at its pipes. */
export function endChild(child: ChildProcess): void {
  if (child.pid !== undefined && isRunning(child)) signalGroup(child.pid, "SIGKILL");
  const watch = child.stdio[3];
  // The watcher is told that this is no accident.
  if (watch instanceof Writable) watch.end("\n");
  for (const stream of child.stdio) if (stream !== watch) stream?.destroy();
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function exit(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return Promise.resolve();
  return new Promise((resolve) => child.once("exit", () => resolve()));
}
