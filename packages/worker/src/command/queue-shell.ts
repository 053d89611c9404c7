import type { ChildProcess } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { LinesPipe } from "./lines-pipe.ts";
import { pairAt, type Pair } from "./pair.ts";
import { signalProcess } from "./process-tree.ts";
import { askMore, pipes, queueScript } from "./queue-script.ts";
import { Reports } from "./reports.ts";

/** Commands that may have been sent and not reported, each with a pair of pipes; the first pairs are there from the start. */
export const PAIRS = { first: 8, all: 64 };

/** A pre-forked shell that runs the lines it is sent, one after the other, and reports each. */
export class QueueShell {
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #isDash: boolean;
  readonly #pairs: Pair[] = [];
  #lines: LinesPipe | undefined;
  #reports: Reports | undefined;
  #watcher = 0;
  /** Bytes that it wrote beside its reports. */
  #notices: number | undefined;
  #ending: Promise<void> | undefined;

  constructor(child: ChildProcess, folder: string, isDash: boolean) {
    this.#child = child;
    this.#folder = folder;
    this.#isDash = isDash;
    for (const stream of child.stdio) stream?.on("error", () => stream.destroy());
    this.exited = new Promise((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
  }

  /** The process, and the group of its commands. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The process that waits for this one's end. */
  get watcher(): number {
    return this.#watcher;
  }

  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get folder(): string {
    return this.#folder;
  }

  /** Those that are there from the start. */
  get pairs(): readonly Pair[] {
    return this.#pairs.slice(0, PAIRS.first);
  }

  /** Has the others made. They can be opened a little later. */
  morePairs(): readonly Pair[] {
    const watch = this.#child.stdio[3];
    if (watch instanceof Writable && !watch.destroyed) watch.write(`${askMore}\n`);
    return this.#pairs.slice(PAIRS.first);
  }

  /** False when this shell can't do it. `onReport` is called whenever there are reports to take, until it is asked to pause. */
  async begin(onReport: () => void): Promise<boolean> {
    const { stdout } = this.#child;
    if (stdout === null) return false;
    const stuck = setTimeout(() => this.#kill(), STUCK);
    try {
      const { value } = await createInterface({ input: stdout })[Symbol.asyncIterator]().next();
      this.#watcher = Number(value);
      if (!(this.#watcher > 0)) return false;
      const { lines, reports, out, err } = pipes(this.#folder, PAIRS.all);
      const said = (this.#reports = new Reports(reports));
      this.#lines = new LinesPipe(lines);
      for (const [number, path] of out.entries()) this.#pairs.push(pairAt(number, path, err[number] ?? ""));
      const greeted = new Promise<void>((resolve) => (said.onLine = resolve));
      this.send(queueScript(this.#folder));
      await Promise.race([greeted, this.exited]);
      said.onLine = onReport;
      const [greeting] = said.take();
      if (this.#isDash) this.notice();
      return greeting === "ready";
    } finally {
      clearTimeout(stuck);
    }
  }

  send(lines: string): void {
    this.#lines?.send(lines);
  }

  /** Reports that came since the last call. */
  take(): readonly string[] {
    return this.#reports?.take() ?? [];
  }

  /** Whether there are reports to take that were read already. */
  get hasReports(): boolean {
    return this.#reports?.any === true;
  }

  /** Whether commands may be run in the way that has dash write notices. */
  get tellsNotices(): boolean {
    return this.#notices !== undefined;
  }

  /** How long the notice was that the shell has written since the last call. To be asked when it runs no command. */
  notice(): number {
    for (let before = this.#written(); before !== undefined;) {
      this.#reports?.read();
      const now = this.#written();
      // Else it has just told that it skips the rest.
      if (now === before) {
        const sum = now - (this.#reports?.bytes ?? 0);
        const length = sum - (this.#notices ?? sum);
        this.#notices = sum;
        return length;
      }
      before = now;
    }
    return 0;
  }

  /** Has reports called back. */
  listen(): void {
    this.#reports?.listen();
  }

  pause(): void {
    this.#reports?.pause();
  }

  /** Skips what was sent, from the end of the running command on. */
  hold(): void {
    if (this.running) process.kill(this.pid, "SIGUSR1");
  }

  /** A command can stop its process group, which is the shell's. */
  wake(): void {
    if (!this.running || this.#watcher === 0) return;
    for (const pid of [this.pid, this.#watcher]) signalProcess(pid, "SIGCONT");
  }

  /** Ends the shell, but nothing that it started. What still writes into its pipes does so to nobody, until `release`. Idempotent. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  release(): void {
    for (const { out, err } of this.#pairs) {
      out.close();
      err.close();
    }
  }

  async #end(): Promise<void> {
    // Whoever killed it may have killed its watcher.
    const wasKilled = !this.running || !signalProcess(this.#watcher, 0);
    this.#kill();
    await this.exited;
    this.#reports?.close();
    this.#lines?.close();
    for (const pipe of this.#pairs.flatMap(({ out, err }) => [out, err])) {
      if (pipe.settle()) pipe.close();
      else pipe.discard();
    }
    // Else the watcher does it.
    if (wasKilled || this.#watcher === 0) rmSync(this.#folder, { recursive: true, force: true });
  }

  #kill(): void {
    this.wake();
    const watch = this.#child.stdio[3];
    // The watcher is told that this is no accident.
    if (watch instanceof Writable && !watch.destroyed) watch.end("end\n");
    if (this.running) process.kill(this.pid, "SIGKILL");
    this.#child.stdout?.destroy();
  }

  /** Bytes that it has written so far; undefined where that is not told. */
  #written(): number | undefined {
    try {
      // Of its one thread: that of the process counts what its children wrote as well, once they have ended.
      const counts = readFileSync(`/proc/${this.pid}/task/${this.pid}/io`, "latin1");
      const [, bytes] = /^wchar: (\d+)$/m.exec(counts) ?? [];
      return bytes === undefined ? undefined : Number(bytes);
    } catch {
      // It has ended, or nobody may look.
      return undefined;
    }
  }
}

/** Milliseconds in which a shell answers; under heavy load it takes some hundred. */
const STUCK = 10_000;
