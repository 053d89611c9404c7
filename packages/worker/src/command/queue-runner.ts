import { setTimeout as pause } from "node:timers/promises";
import type { CommandResult, RunOptions } from "./command.ts";
import { directRunner } from "./direct-slot.ts";
import { entryOf, type Entry } from "./entry.ts";
import { WorkerError } from "../errors.ts";
import { endGroup } from "./group.ts";
import { watchLimits } from "./limits.ts";
import type { Mark } from "./mark.ts";
import { endTree } from "./process-tree.ts";
import { tellEnd, tellSkipped } from "./queue-end.ts";
import { QueueLines } from "./queue-lines.ts";
import { QueuePlaces } from "./queue-places.ts";
import { runningRoot } from "./queue-root.ts";
import { resume } from "./queue-script.ts";
import { PAIRS, type QueueShell } from "./queue-shell.ts";
import { firstShell, QueueShells } from "./queue-shells.ts";
import { GROUP, QueueWatch, type Watched } from "./queue-watch.ts";
import type { Ground, PlacedCommand, Runner } from "./slot.ts";
import { unstarted } from "./status.ts";

/**
 * Runs commands in a shell that has the next ones already when one ends, so that it never waits for this process, and this
 * process looks at many ends at a time.
 *
 * The shell: starting → ready → (retired | dead) → starting. Retired: children that were left behind hold pipes of it; it gets
 * no more commands, and is replaced when it has none. No fit shell: everything goes the direct way, for good.
 */
export class QueueRunner implements Runner {
  readonly ahead = PAIRS.all - 1;
  readonly #shells: QueueShells;
  readonly #lines: QueueLines;
  readonly #mark: Mark | undefined;
  readonly #direct: Runner;
  readonly #watch: QueueWatch;
  /** Of the shell of this moment. */
  #places: QueuePlaces | undefined;
  #retired = false;
  #waiting: Entry[] = [];
  #sent: Entry[] = [];
  /** The shell was asked to skip what it has. */
  #held = false;
  /** Commands that are being ended, or run the direct way: nothing is sent meanwhile. */
  #busy = 0;
  #flushing = false;
  /** When the running command started, as far as is known. */
  #since = 0;
  #closed = false;
  readonly #placed = { freed: () => this.#freed(), lost: () => this.#retire() };
  #emptied: (() => void) | undefined;

  constructor(ground: Ground, shells: readonly string[]) {
    const path = firstShell(shells);
    const { env, directory, mark } = ground;
    this.#lines = new QueueLines(ground, path);
    this.#mark = mark;
    this.#direct = directRunner({ env, mark });
    this.#watch = new QueueWatch(this.#watched());
    const onReport = () => void this.#look();
    this.#shells = new QueueShells({ path, env: this.#lines.env, directory, onReport });
    this.#start();
  }

  get #shell(): QueueShell | undefined {
    return this.#shells.current;
  }

  #watched(): Watched {
    const shell = () => this.#shell;
    const sent = () => this.#sent;
    return {
      get shell() {
        return shell();
      },
      get sent() {
        return sent();
      },
      look: () => this.#look(),
      attend: (running) => this.#attend(running),
    };
  }

  run(command: PlacedCommand, options: RunOptions): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(entryOf(command, options, { resolve, reject }));
      this.#soon();
    });
  }

  recall(): void {
    for (const entry of this.#waiting.splice(0)) entry.resolve(unstarted({ aborted: true }));
    const [running, ...others] = this.#sent;
    if (!running || others.length === 0) return;
    for (const entry of others) entry.recalled = true;
    this.#attend(running);
    this.#hold();
    // Of whom it is not known whether they run: those are heard of when they end.
    this.#takeBack(running, others).catch(ignore);
  }

  /** One that was seen to run after the shell was told to skip the others is the last that runs. */
  async #takeBack(running: Entry, others: readonly Entry[]): Promise<void> {
    const root = this.#shell && (await this.#rootOf(running, this.#shell));
    if (root) for (const entry of others) entry.resolve(unstarted({ aborted: true }));
  }

  async end(): Promise<void> {
    this.#closed = true;
    const closed = new WorkerError("closed", "The command slot was closed before the command could start.");
    for (const entry of this.#waiting.splice(0)) entry.reject(closed);
    this.recall();
    await this.#direct.end();
    const [running] = this.#sent;
    if (running) {
      await this.#endTree(running, 0);
      // What can't be killed (it sleeps in the kernel) is given up, and lost.
      const given = pause(UNKILLABLE, undefined, { ref: false });
      if (this.#sent.length > 0) await Promise.race([new Promise<void>((resolve) => (this.#emptied = resolve)), given]);
    }
    this.#places?.close();
    this.#watch.stop();
    for (const entry of this.#sent.splice(0)) entry.reject(closed);
    await this.#shells.end();
  }

  /** Starts a shell, in place of the one before. */
  #start(): void {
    this.#places?.close();
    this.#shells.start((shell) => {
      this.#places = shell && new QueuePlaces(shell, this.#lines);
      this.#retired = false;
      this.#held = false;
      void shell?.exited.then(() => this.#died(shell));
      this.#flush();
    });
  }

  /** Commands that are asked for in one go are sent in one. */
  #soon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    // Several ends that were heard of in one go are answered in one.
    setImmediate(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#shells.isStarting || this.#busy > 0 || this.#held) return;
    if (this.#retired) {
      if (this.#sent.length === 0 && !this.#closed) this.#start();
      return;
    }
    let lines = "";
    const before = this.#sent.length;
    for (let entry = this.#waiting[0]; entry !== undefined; entry = this.#waiting[0]) {
      if (entry.options.signal?.aborted) {
        this.#waiting.shift();
        entry.resolve(unstarted({ aborted: true }));
        continue;
      }
      // Of one that runs alone, what it writes is followed.
      const followed = this.#sent.length + this.#waiting.length < GROUP;
      const place = this.#places?.take(entry, this.#sent.length, followed) ?? "direct";
      if (place === "direct" && this.#sent.length === 0) this.#runDirectly(entry);
      if (typeof place === "string") break;
      lines += place.line;
      this.#waiting.shift();
      this.#sent.push(entry);
    }
    if (lines === "") return;
    if (before === 0) this.#since = performance.now();
    this.#shell?.send(lines);
    this.#watch.watch();
  }

  #runDirectly(entry: Entry): void {
    this.#waiting.shift();
    this.#busy++;
    const done = () => {
      this.#busy--;
      this.#flush();
    };
    this.#direct.run(entry.command, entry.options).then(entry.resolve, entry.reject).finally(done);
  }

  /** Takes all reports that there are. */
  #look(): boolean {
    const reports = this.#shell?.take() ?? [];
    if (reports.length === 0) return false;
    const now = performance.now();
    const seconds = (now - this.#since) / 1_000 / reports.length;
    this.#watch.heard(reports.length, now - this.#since);
    this.#since = now;
    const again: Entry[] = [];
    for (const report of reports) {
      const entry = this.#sent.shift();
      if (!entry) break;
      this.#places?.read(entry);
      if (report !== "s") this.#ended(entry, Number(report), seconds);
      else if (this.#skipped(entry)) again.push(entry);
    }
    this.#waiting.unshift(...again);
    // To ask for a notice reads what came meanwhile.
    if (this.#shell?.hasReports) return this.#look();
    if (this.#sent.length === 0) this.#emptied?.();
    this.#release();
    this.#watch.watch();
    return true;
  }

  /** True: it is to be sent again. */
  #skipped(entry: Entry): boolean {
    this.#held = true;
    this.#places?.skipped(entry);
    return tellSkipped(entry);
  }

  #ended(entry: Entry, status: number, seconds: number): void {
    const { pair } = entry;
    if (!pair) return;
    const signalled = entry.quick && status > 128;
    // The shell has stopped by itself.
    if (signalled) this.#held = true;
    const notice = signalled ? (this.#shell?.notice() ?? 0) : 0;
    const places = this.#places;
    tellEnd(entry, pair, { status, seconds, notice }, (isFree) => places?.ended(pair, isFree, this.#placed));
  }

  #freed(): void {
    if (this.#waiting.length > 0) this.#soon();
  }

  /** Children that were left behind hold pipes of the shell. */
  #retire(): void {
    this.#retired = true;
    this.#flush();
  }

  /** Watches the limits of the command that runs now. */
  #attend(running: Entry): void {
    if (running.limits || !running.pair) return;
    // Not before the limits are known: an aborted signal ends it at once.
    const end = async () => {
      await Promise.resolve();
      await this.#endTree(running, running.options.grace);
    };
    running.limits = watchLimits(running.options, end);
  }

  #hold(): void {
    this.#held = true;
    this.#shell?.hold();
    this.#shell?.listen();
  }

  #release(): void {
    if (!this.#held || this.#sent.length > 0 || this.#busy > 0) return;
    this.#held = false;
    this.#shell?.send(resume);
    if (this.#waiting.length > 0) this.#soon();
  }

  async #endTree(entry: Entry, grace: number): Promise<void> {
    const shell = this.#shell;
    if (!shell || this.#sent[0] !== entry) return;
    this.#busy++;
    try {
      // What comes behind must not start while this one is being ended.
      this.#hold();
      const root = await this.#rootOf(entry, shell);
      const but = [shell.pid, shell.watcher];
      if (root) await endTree({ root, group: shell.pid, mark: this.#mark, but }, grace);
      shell.wake();
    } finally {
      this.#busy--;
      this.#release();
      this.#flush();
    }
  }

  #rootOf(entry: Entry, shell: QueueShell): ReturnType<typeof runningRoot> {
    return runningRoot(shell, () => {
      this.#look();
      return this.#sent[0] === entry;
    });
  }

  #died(shell: QueueShell): void {
    if (this.#shell !== shell || this.#closed) return;
    this.#look();
    const [running, ...others] = this.#sent.splice(0);
    for (const entry of others) entry.pair = undefined;
    const recalled = others.filter((entry) => entry.recalled);
    for (const entry of recalled) entry.resolve(unstarted({ aborted: true }));
    this.#waiting.unshift(...others.filter((entry) => !entry.recalled));
    if (running) this.#lose(running, shell).catch(running.reject);
    this.#start();
  }

  /** Whoever killed the shell may have left its command, and nobody else of its group can be told apart any more. */
  async #lose(entry: Entry, shell: QueueShell): Promise<void> {
    this.#busy++;
    await endGroup(shell.pid, 0);
    this.#busy--;
    const lost = new WorkerError(
      "lost",
      "The shell that watched the command was killed, and the command with it: how it would have ended is unknown.",
    );
    await (entry.limits?.settle() ?? Promise.resolve()).then(() => entry.reject(lost), entry.reject);
    this.#flush();
  }
}

/** Milliseconds between a SIGKILL and the report of its success. */
const UNKILLABLE = 2_000;

function ignore(): void {
  // Nobody waits.
}
