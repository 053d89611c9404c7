import { setTimeout as pause } from "node:timers/promises";
import type { CommandResult, RunOptions } from "./command.ts";
import { commandLine } from "./command-line.ts";
import { directRunner } from "./direct-slot.ts";
import { splitEnvironment, type Environment } from "./environment.ts";
import { WorkerError } from "../errors.ts";
import { endGroup, goneWithin, signalGroup } from "./group.ts";
import { watchLimits } from "./limits.ts";
import type { Loop } from "./loop.ts";
import { startLoop } from "./start-loop.ts";
import type { Ground, PlacedCommand, Runner } from "./slot.ts";
import { fromShell, result, unstarted } from "./status.ts";

/**
 * starting → ready ⇄ running; back to starting when the loop died, or when children left behind hold its pipes.
 * No fit shell: everything goes the direct way, for good.
 */
export class LoopRunner implements Runner {
  readonly #launch: () => Promise<Loop | undefined>;
  readonly #awkward: Environment;
  readonly #direct: Runner;
  readonly #retired = new Set<Loop>();
  #loop: Promise<Loop | undefined>;
  #ended = false;
  #kill: (() => Promise<void>) | undefined;
  #following: Promise<CommandResult> | undefined;

  constructor({ env, directory, mark }: Ground, shells: readonly string[]) {
    const { plain, awkward } = splitEnvironment(env, { isDash: false });
    this.#awkward = awkward;
    this.#direct = directRunner({ env, mark });
    // A temp folder that is full or read-only is no reason to fail: the direct way needs none.
    this.#launch = () => startLoop(plain, directory, shells).catch(() => undefined);
    this.#loop = this.#launch();
  }

  async run(command: PlacedCommand, options: RunOptions): Promise<CommandResult> {
    const loop = await this.#ready();
    if (this.#ended) throw new WorkerError("closed", "The command slot was closed before the command could start.");
    const line = loop && commandLine(command, { awkward: this.#awkward, setsid: loop.setsid });
    if (loop === undefined || line === undefined) return await this.#direct.run(command, options);
    if (options.signal?.aborted) return unstarted({ aborted: true });
    const following = this.#follow(loop, line, options);
    this.#following = following;
    return await following;
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#direct.end();
    await this.#kill?.();
    // What can't be killed (it sleeps in the kernel) is given up, and lost.
    await Promise.race([this.#following?.catch(() => undefined), pause(UNKILLABLE, undefined, { ref: false })]);
    const loop = await this.#loop;
    await loop?.end();
    for (const old of this.#retired) old.release();
  }

  async #ready(): Promise<Loop | undefined> {
    const loop = await this.#loop;
    if (loop === undefined || loop.running || this.#ended) return loop;
    await loop.end();
    this.#loop = this.#launch();
    return await this.#loop;
  }

  async #follow(loop: Loop, line: string, options: RunOptions): Promise<CommandResult> {
    const since = performance.now();
    let over = false;
    const kill = async (grace: number) => {
      const group = await findGroup(loop, () => over);
      if (group !== undefined) await endGroup(group, grace);
    };
    this.#kill = () => kill(0);
    const limits = watchLimits(options, () => kill(options.grace));
    const report = await loop.run(line, limits.deliver);
    over = true;
    if (report === undefined) throw await this.#lost(loop, limits.settle);
    try {
      await limits.settle();
    } finally {
      // The command's own process has been waited for, so that whoever answers was left behind by it.
      if (signalGroup(report.pid, 0)) this.#loop = this.#replace(loop, report.pid);
    }
    return result(fromShell(report.status), since, limits);
  }

  async #lost(loop: Loop, settle: () => Promise<void>): Promise<WorkerError> {
    const group = this.#ended ? undefined : loop.group;
    if (group !== undefined) await endGroup(group, 0);
    await settle();
    return new WorkerError(
      "lost",
      "The shell that watched the command was killed, and the command with it: how it would have ended is unknown.",
    );
  }

  /** Children that were left behind keep writing, and must not do so into the output of the next command. */
  async #replace(loop: Loop, group: number): Promise<Loop | undefined> {
    if (await goneWithin(group, LINGER)) return loop;
    await loop.end({ discard: true });
    this.#retired.add(loop);
    for (const oldest of this.#retired) {
      if (this.#retired.size <= MOST_RETIRED) break;
      oldest.release();
      this.#retired.delete(oldest);
    }
    return await this.#launch();
  }
}

/** The loop may not have got to the command yet, nor setsid(1) to making the group; the command may also end while we ask. */
async function findGroup(loop: Loop, over: () => boolean): Promise<number | undefined> {
  for (let wait = 1; !over(); wait = Math.min(wait * 2, 50)) {
    const group = loop.group;
    if (group !== undefined && signalGroup(group, 0)) return group;
    await pause(wait);
  }
  return undefined;
}

/** Milliseconds: the last members of a pipeline often end just after their leader. */
const LINGER = 10;
/** Milliseconds between a SIGKILL and the report of its success. */
const UNKILLABLE = 2_000;
/** Each holds two open files here. */
const MOST_RETIRED = 64;
