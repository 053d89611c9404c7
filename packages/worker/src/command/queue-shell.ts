import type { ChildProcess } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, readSync, rmSync, writeSync } from "node:fs";
import { type ConnectOpts, Socket, type SocketConstructorOpts } from "node:net";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { signalProcess } from "./process-tree.ts";
import { openPair, type Pair } from "./pair.ts";
import { pipes, queueScript } from "./queue-script.ts";

/** Commands that may have been sent and not reported, each with a pair of pipes. */
export const PAIRS = 16;

/** A pre-forked shell that runs the lines it is sent, one after the other, and reports each. */
export class QueueShell {
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #isDash: boolean;
  readonly #pairs: Pair[] = [];
  #lines = -1;
  #reports: Socket | undefined;
  #reportsFd = -1;
  #watcher = 0;
  #unsent: Buffer = Buffer.alloc(0);
  #unread = "";
  /** Bytes of reports that were read. */
  #reported = 0;
  /** Bytes that it wrote otherwise. */
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

  get pairs(): readonly Pair[] {
    return this.#pairs;
  }

  /** False when this shell can't do it. */
  async begin(): Promise<boolean> {
    const { stdout } = this.#child;
    if (stdout === null) return false;
    const stuck = setTimeout(() => this.#kill(), STUCK);
    try {
      const { value } = await createInterface({ input: stdout })[Symbol.asyncIterator]().next();
      this.#watcher = Number(value);
      if (!(this.#watcher > 0)) return false;
      const { lines, reports, out, err } = pipes(this.#folder, PAIRS);
      // Open for both: neither waits for the other side to open, nor comes to an end.
      this.#lines = openSync(lines, constants.O_RDWR | constants.O_NONBLOCK);
      this.#reportsFd = openSync(reports, constants.O_RDWR | constants.O_NONBLOCK);
      for (const [number, path] of out.entries()) this.#pairs.push(openPair(number, path, err[number] ?? ""));
      const greeted = this.#listen();
      this.send(queueScript(this.#folder));
      await Promise.race([greeted, this.exited]);
      const [greeting] = this.take();
      if (this.#isDash) this.notice();
      return greeting === "ready";
    } finally {
      clearTimeout(stuck);
    }
  }

  send(lines: string): void {
    this.#unsent = Buffer.concat([this.#unsent, Buffer.from(lines)]);
    this.#write();
  }

  /** A pipe holds 64 KiB, but may hold two pages only when its user has many. */
  #write(): void {
    const written = this.#ending ? this.#unsent.length : writeSome(this.#lines, this.#unsent);
    this.#unsent = this.#unsent.subarray(written);
    if (this.#unsent.length > 0) setTimeout(() => this.#write(), FULL);
  }

  /** Reports that came since the last call. */
  take(): readonly string[] {
    this.#read();
    const lines = this.#unread.split("\n");
    this.#unread = lines.pop() ?? "";
    return lines;
  }

  /** Whether there are reports to take that were read already. */
  get hasReports(): boolean {
    return this.#unread.includes("\n");
  }

  /** Whether commands may be run in the way that has dash write notices. */
  get tellsNotices(): boolean {
    return this.#notices !== undefined;
  }

  /** How long the notice was that the shell has written since the last call. To be asked when it runs no command. */
  notice(): number {
    for (let before = this.#written(); before !== undefined;) {
      this.#read();
      const now = this.#written();
      // Else it has just told that it skips the rest.
      if (now === before) {
        const sum = now - this.#reported;
        const length = sum - (this.#notices ?? sum);
        this.#notices = sum;
        return length;
      }
      before = now;
    }
    return 0;
  }

  /** Calls back whenever there are reports to take, until it is asked to pause. */
  onReport: () => void = () => undefined;

  watch(): void {
    this.#reports?.resume();
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
    if (!this.running) return;
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
    this.#kill();
    await this.exited;
    this.#reports?.destroy();
    if (this.#lines >= 0) closeSync(this.#lines);
    for (const pipe of this.#pairs.flatMap(({ out, err }) => [out, err])) {
      if (pipe.settle()) pipe.close();
      else pipe.discard();
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #kill(): void {
    if (this.#watcher > 0) this.wake();
    const watch = this.#child.stdio[3];
    // The watcher is told that this is no accident.
    if (watch instanceof Writable && !watch.destroyed) watch.end("\n");
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

  #read(): void {
    for (let length = BUFFER.length; length === BUFFER.length;) {
      length = readSome(this.#reportsFd);
      this.#heard(BUFFER.toString("latin1", 0, length));
    }
  }

  #heard(text: string): void {
    this.#unread += text;
    this.#reported += text.length;
  }

  /** Resolves at the first report. */
  #listen(): Promise<void> {
    return new Promise((resolve) => {
      const buffer = Buffer.allocUnsafeSlow(4_096);
      const callback = (length: number) => {
        this.#heard(buffer.toString("latin1", 0, length));
        resolve();
        this.onReport();
        return true;
      };
      const options: SocketConstructorOpts & ConnectOpts = {
        fd: this.#reportsFd,
        readable: true,
        writable: false,
        onread: { buffer, callback },
      };
      this.#reports = new Socket(options);
    });
  }
}

/** Bytes read into BUFFER; 0 when there are none. */
function readSome(fd: number): number {
  try {
    return readSync(fd, BUFFER);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return 0;
    throw error;
  }
}

/** Bytes written; 0 when there is no room. */
function writeSome(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return 0;
    throw error;
  }
}

/** Milliseconds until there may be room. */
const FULL = 2;
const BUFFER = Buffer.allocUnsafeSlow(4_096);
/** Milliseconds in which a shell answers; under heavy load it takes some hundred. */
const STUCK = 10_000;
