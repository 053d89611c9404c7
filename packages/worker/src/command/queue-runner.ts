import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { CommandResult, RunOptions } from "./command.ts";
import { queueLine, quickly } from "./command-line.ts";
import { directRunner } from "./direct-slot.ts";
import { splitEnvironment, type Environment } from "./environment.ts";
import { WorkerError } from "../errors.ts";
import { endGroup } from "./group.ts";
import { watchLimits, type Limits } from "./limits.ts";
import { LookPace } from "./look-pace.ts";
import type { Mark } from "./mark.ts";
import { childOf, endTree, isFork } from "./process-tree.ts";
import { entryOf, type Entry } from "./entry.ts";
import type { Pair } from "./pair.ts";
import { PAIRS, type QueueShell } from "./queue-shell.ts";
import { resume } from "./queue-script.ts";
import { isDash, startQueueShell } from "./start-queue-shell.ts";
import { fileOf } from "./refusal.ts";
import type { Ground, PlacedCommand, Runner } from "./slot.ts";
import { fromShell, result, unstarted } from "./status.ts";

/**
 * Runs commands in a shell that has the next ones already when one ends, so that it never waits for this process, and this
 * process looks at many ends at a time.
 *
 * The shell: starting → ready → (retired | dead) → starting. Retired: children that were left behind hold pipes of it; it gets
 * no more commands, and is replaced when it has none. No fit shell: everything goes the direct way, for good.
 */
export class QueueRunner implements Runner {
  readonly ahead = PAIRS - 1;
  readonly #launch: () => Promise<QueueShell | undefined>;
  readonly #directory: string;
  readonly #path: string;
  readonly #awkward: Environment;
  readonly #mark: Mark | undefined;
  readonly #direct: Runner;
  readonly #left = new Set<QueueShell>();
  #starting: Promise<void> | undefined;
  #shell: QueueShell | undefined;
  #unfit = false;
  #retired = false;
  #free: Pair[] = [];
  #waiting: Entry[] = [];
  #sent: Entry[] = [];
  #bytes = 0;
  /** The shell was asked to skip what it has. */
  #held = false;
  /** Commands that are being ended, or run the direct way: nothing is sent meanwhile. */
  #busy = 0;
  #flushing = false;
  #looking: NodeJS.Timeout | undefined;
  readonly #pace = new LookPace();
  /** When the running command started, as far as is known. */
  #since = 0;
  #closed = false;
  #emptied: (() => void) | undefined;

  constructor({ env, directory, mark }: Ground, shells: readonly string[]) {
    const path = shells.find((shell) => existsSync(shell));
    const { plain, awkward } = splitEnvironment(env, { isDash: path !== undefined && isDash(path) });
    this.#directory = directory;
    this.#path = env["PATH"] ?? "";
    this.#awkward = awkward;
    this.#mark = mark;
    this.#direct = directRunner({ env, mark });
    // A temp folder that is full or read-only is no reason to fail: the direct way needs none.
    const onReport = () => this.#look();
    this.#launch = async () =>
      path === undefined
        ? undefined
        : await startQueueShell({ path, env: plain, directory, onReport }).catch(() => undefined);
    this.#start();
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
    await this.#starting;
    clearTimeout(this.#looking);
    for (const entry of this.#sent.splice(0)) entry.reject(closed);
    const shell = this.#shell;
    await shell?.end();
    shell?.release();
    for (const old of this.#left) old.release();
  }

  #start(): void {
    this.#starting = this.#launch().then((shell) => {
      this.#starting = undefined;
      this.#shell = shell;
      this.#unfit = shell === undefined;
      this.#retired = false;
      this.#held = false;
      this.#free = [...(shell?.pairs ?? [])];
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
    if (this.#starting || this.#busy > 0 || this.#held) return;
    if (this.#retired) {
      if (this.#sent.length === 0 && !this.#closed) this.#replace();
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
      const line = this.#lineOf(entry);
      if (line === undefined) {
        if (this.#sent.length === 0) this.#runDirectly(entry);
        break;
      }
      if (line === "") break;
      lines += line;
      this.#waiting.shift();
      this.#sent.push(entry);
    }
    if (lines === "") return;
    if (before === 0) this.#since = performance.now();
    this.#shell?.send(lines);
    this.#watch();
  }

  /** Undefined when it has to go the direct way, empty when it has to wait. */
  #lineOf(entry: Entry): string | undefined {
    if (this.#unfit || !this.#shell) return undefined;
    const pair = this.#free.at(-1);
    if (!pair) return "";
    // No files left to open: what runs will give some back, or there are none for it.
    if (!pair.opens()) return this.#sent.length === 0 ? undefined : "";
    const { folder, tellsNotices } = this.#shell;
    // Of one that runs alone, what it writes is followed.
    const isGroup = this.#sent.length + this.#waiting.length >= GROUP;
    const quick = tellsNotices && isGroup ? quickly(entry.command, this.#fileOf(entry.command)) : undefined;
    const line = queueLine(entry.command, {
      base: this.#directory,
      awkward: this.#awkward,
      folder,
      pair: pair.number,
      quick,
    });
    if (line === undefined) return undefined;
    entry.quick = line.startsWith("__r ");
    // What the pipe has no room for waits here as well.
    const bytes = line.length;
    if (this.#bytes > 0 && this.#bytes + bytes > MOST_BYTES) return "";
    this.#bytes += bytes;
    this.#free.pop();
    pair.deliver = (channel, more) => (entry.limits ??= this.#limitsOf(entry)).deliver(channel, more);
    entry.pair = pair;
    entry.bytes = bytes;
    return line;
  }

  #fileOf({ argv: [program = ""] }: PlacedCommand): string | undefined {
    return fileOf(program, this.#path);
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
    this.#pace.heard(reports.length, now - this.#since);
    this.#since = now;
    const again: Entry[] = [];
    for (const report of reports) {
      const entry = this.#sent.shift();
      if (!entry) break;
      this.#bytes -= entry.bytes;
      if (report !== "s") this.#ended(entry, Number(report), seconds);
      else this.#skipped(entry, again);
    }
    this.#waiting.unshift(...again);
    // To ask for a notice reads what came meanwhile.
    if (this.#shell?.hasReports) return this.#look();
    if (this.#sent.length === 0) this.#emptied?.();
    this.#unlook();
    this.#release();
    this.#watch();
    return true;
  }

  #skipped(entry: Entry, again: Entry[]): void {
    this.#held = true;
    if (entry.pair) {
      // It may have been followed already.
      entry.pair.out.settle();
      entry.pair.err.settle();
      this.#free.push(entry.pair);
    }
    entry.pair = undefined;
    const given = entry.limits?.timedOut === true || entry.limits?.aborted === true;
    // What did not run can't have failed.
    entry.limits?.settle().catch(ignore);
    entry.limits = undefined;
    if (entry.recalled || given) entry.resolve(unstarted({ aborted: true }));
    else again.push(entry);
  }

  #ended(entry: Entry, status: number, seconds: number): void {
    const { pair } = entry;
    if (!pair) return;
    const signalled = entry.quick && status > 128;
    // The shell has stopped by itself.
    if (signalled) this.#held = true;
    const notice = signalled ? (this.#shell?.notice() ?? 0) : 0;
    const isOutFree = pair.out.settle();
    const isFree = pair.err.settle({ without: notice }) && isOutFree;
    const since = performance.now() - seconds * 1_000;
    const { limits } = entry;
    if (limits === undefined) {
      entry.resolve({ ...fromShell(status), seconds, started: true, timedOut: false, aborted: false });
      this.#dismiss(pair, isFree);
    } else {
      const finish = async () => {
        await pair.out.delivered();
        await pair.err.delivered();
        await limits.settle();
        return result(fromShell(status), since, limits);
      };
      finish()
        .then(entry.resolve, entry.reject)
        .finally(() => this.#dismiss(pair, isFree));
    }
  }

  /** What comes from now on is of whoever was left behind. */
  #dismiss(pair: Pair, isFree: boolean): void {
    pair.deliver = () => undefined;
    if (isFree) this.#giveBack(pair);
    else void this.#linger(pair);
  }

  #giveBack(pair: Pair): void {
    if (this.#shell?.pairs[pair.number] !== pair) return;
    this.#free.push(pair);
    if (this.#waiting.length > 0) this.#soon();
  }

  /** Children that were left behind must not write into the output of another command. */
  async #linger(pair: Pair): Promise<void> {
    const shell = this.#shell;
    await pause(LINGER);
    if (shell !== this.#shell || this.#closed) return;
    if ([pair.out.settle(), pair.err.settle()].every(Boolean)) {
      this.#giveBack(pair);
      return;
    }
    pair.out.discard();
    pair.err.discard();
    this.#retired = true;
    this.#flush();
  }

  #replace(): void {
    const old = this.#shell;
    this.#shell = undefined;
    if (old) {
      this.#left.add(old);
      // A folder that can't be removed stays among the temporary ones.
      void old.end().catch(() => undefined);
    }
    for (const oldest of this.#left) {
      if (this.#left.size <= MOST_LEFT) break;
      oldest.release();
      this.#left.delete(oldest);
    }
    this.#start();
  }

  /**
   * Looks at reports in groups while commands are short. While one takes its time, and when it is the only one, each report
   * and what it writes are heard at once.
   */
  #watch(): void {
    const [running] = this.#sent;
    const shell = this.#shell;
    if (!running || !shell) return;
    this.#attend(running);
    if (this.#sent.length < GROUP) {
      this.#unlook();
      this.#listen();
    } else if (!this.#looking) {
      shell.pause();
      this.#lookIn(this.#pace.until(this.#sent.length), () => this.#await());
    }
  }

  /** It is not over as soon as was expected: its report is heard at once from now on, and soon what it writes. */
  #await(): void {
    const [running] = this.#sent;
    if (!running?.pair) return;
    this.#shell?.listen();
    const writes = [running.pair.out.peek(false), running.pair.err.peek(running.quick)].some(Boolean);
    if (writes) this.#listen();
    else this.#lookIn(PATIENCE, () => this.#listen());
  }

  /** @param otherwise What is done when there is no report. */
  #lookIn(milliseconds: number, otherwise: () => void): void {
    this.#looking = setTimeout(() => {
      this.#looking = undefined;
      if (!this.#look()) otherwise();
    }, milliseconds);
  }

  #unlook(): void {
    clearTimeout(this.#looking);
    this.#looking = undefined;
  }

  #listen(): void {
    const [running] = this.#sent;
    if (!running?.pair) return;
    this.#shell?.listen();
    running.pair.out.follow(false);
    running.pair.err.follow(running.quick);
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

  /** Of a command that has ended already: nothing can end it any more. */
  #limitsOf({ options: { output, grace } }: Entry): Limits {
    return watchLimits({ output, grace }, () => Promise.resolve());
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

  /** The shell may not have got to the command yet, nor its fork, deaf still, to being it; it may also end while we look. */
  async #rootOf(entry: Entry, shell: QueueShell): Promise<ReturnType<typeof childOf>> {
    for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
      const child = childOf(shell.pid, shell.watcher);
      this.#look();
      // Not reported: the child is the one of this command.
      if (this.#sent[0] !== entry) return undefined;
      if (child && !isFork(child.pid, shell.pid)) return child;
      await pause(wait);
    }
  }

  #died(shell: QueueShell): void {
    if (this.#shell !== shell || this.#closed) return;
    this.#look();
    const [running, ...others] = this.#sent.splice(0);
    this.#bytes = 0;
    for (const entry of others) entry.pair = undefined;
    const recalled = others.filter((entry) => entry.recalled);
    for (const entry of recalled) entry.resolve(unstarted({ aborted: true }));
    this.#waiting.unshift(...others.filter((entry) => !entry.recalled));
    if (running) this.#lose(running, shell).catch(running.reject);
    this.#replace();
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
/** Milliseconds: the last members of a pipeline often end just after their leader. */
const LINGER = 10;
/** Milliseconds for which a command that is late is left to itself, as long as it writes nothing: to follow it costs more than to run it. */
const PATIENCE = 25;
/** From so many commands on that the shell has, it is left to itself meanwhile. */
const GROUP = 4;
/** A Linux pipe holds 64 KiB. */
const MOST_BYTES = 60_000;
/** Each holds some open files here. */
const MOST_LEFT = 8;

function ignore(): void {
  // Nobody waits.
}
