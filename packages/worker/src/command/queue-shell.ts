import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { type ConnectOpts, Socket, type SocketConstructorOpts } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Environment } from "./environment.ts";
import { OutputPipe, readNow } from "./output-pipe.ts";
import { beginning, pipes, queueScript } from "./queue-script.ts";
import { WorkerError } from "../errors.ts";

/** Dash comes first: its fork is the cheapest, being the smallest. */
export const QUEUE_SHELLS: readonly string[] = ["/bin/dash", "/usr/bin/dash", "/bin/sh", "/bin/bash", "/usr/bin/bash"];

/** Commands that may have been sent and not reported, each with a pair of pipes. */
export const PAIRS = 16;

/** Starts the first of these shells that there is. Resolves to undefined when it can't do it. */
export async function startQueueShell(
  env: Environment,
  directory: string,
  shells: readonly string[],
): Promise<QueueShell | undefined> {
  const path = shells.find((shell) => existsSync(shell));
  if (path === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "skyburst-"));
  const child = spawn(path, ["-c", beginning(path, folder, PAIRS)], {
    env,
    cwd: directory,
    // Out of the reach of Ctrl-C, and the leader of the process group of its commands.
    detached: true,
    stdio: ["ignore", "pipe", "ignore", "pipe"],
  });
  const shell = new QueueShell(child, folder);
  if (await shell.begin()) return shell;
  await shell.end();
  return undefined;
}

/** A pre-forked shell that runs the lines it is sent, one after the other, and reports each. */
export class QueueShell {
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #pairs: Pair[] = [];
  #lines = -1;
  #reports: Socket | undefined;
  #reportsFd = -1;
  #watcher = 0;
  #held = "";
  #ending: Promise<void> | undefined;

  constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
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
      if (value !== "made") return false;
      const { lines, reports, out, err } = pipes(this.#folder, PAIRS);
      // Open for both: neither waits for the other side to open, nor comes to an end.
      this.#lines = openSync(lines, constants.O_RDWR | constants.O_NONBLOCK);
      this.#reportsFd = openSync(reports, constants.O_RDWR | constants.O_NONBLOCK);
      for (const [pair, path] of out.entries())
        this.#pairs.push({ number: pair, out: new OutputPipe(path), err: new OutputPipe(err[pair] ?? "") });
      const greeted = this.#listen();
      this.send(queueScript(this.#folder));
      await Promise.race([greeted, this.exited]);
      this.#watcher = Number(this.take()[0] ?? 0);
      return this.#watcher > 0;
    } finally {
      clearTimeout(stuck);
    }
  }

  /** What the pipe has no room for throws: whoever sends knows how much lies in it. */
  send(lines: string): void {
    const bytes = Buffer.from(lines);
    if (writeSync(this.#lines, bytes) !== bytes.length)
      throw new WorkerError("lost", "The shell that runs commands takes no more of them.");
  }

  /** Reports that came since the last call. */
  take(): readonly string[] {
    for (
      let bytes = readNow(this.#reportsFd);
      bytes !== undefined && bytes.length > 0;
      bytes = readNow(this.#reportsFd)
    )
      this.#held += bytes.toString("latin1");
    const lines = this.#held.split("\n");
    this.#held = lines.pop() ?? "";
    return lines;
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
    const watch = this.#child.stdio[3];
    // The watcher is told that this is no accident.
    if (watch instanceof Writable && !watch.destroyed) watch.end("\n");
    if (this.running) process.kill(this.pid, "SIGKILL");
    this.#child.stdout?.destroy();
  }

  /** Resolves at the first report. */
  #listen(): Promise<void> {
    return new Promise((resolve) => {
      const buffer = Buffer.allocUnsafeSlow(4_096);
      const callback = (length: number) => {
        this.#held += buffer.toString("latin1", 0, length);
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

export interface Pair {
  readonly number: number;
  readonly out: OutputPipe;
  readonly err: OutputPipe;
}

/** Milliseconds in which a shell answers; under heavy load it takes some hundred. */
const STUCK = 10_000;
