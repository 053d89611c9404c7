import { resolve } from "node:path";
import type { Command, CommandResult, CommandSlot, CommandSlotOptions, RunOptions } from "./command.ts";
import { slotEnvironment, type Environment } from "./environment.ts";
import { WorkerError } from "../errors.ts";
import { markOf, type Mark } from "./mark.ts";
import { refusal, refuse } from "./refusal.ts";
import { unstarted } from "./status.ts";

/** A command whose paths are absolute. */
export interface PlacedCommand extends Command {
  readonly directory: string;
}

/** One way of running commands. It is asked for none after `end`. */
export interface Runner {
  /** How many it takes beside the one that runs. Absent: none. */
  readonly ahead?: number;
  /** Takes back those. */
  recall?(): void;
  run(command: PlacedCommand, options: RunOptions): Promise<CommandResult>;
  /** Kills what runs, and frees everything. */
  end(): Promise<void>;
}

/** What the commands of a slot begin with. */
export interface Ground {
  readonly env: Environment;
  readonly directory: string;
  /** undefined: the slot has no label. */
  readonly mark: Mark | undefined;
}

/** What all slots have in common: one command at a time, in order, none after `close`, and nothing started that can't start. */
export function slot(options: CommandSlotOptions, open: (ground: Ground) => Runner): CommandSlot {
  const env = slotEnvironment(options);
  const directory = resolve(options.directory ?? ".");
  const runner = open({ env, directory, mark: markOf(env, options.alone === true) });
  const { ahead = 0 } = runner;
  const running = new Set<Promise<CommandResult>>();
  let closing: Promise<void> | undefined;

  return {
    ahead,
    recall: () => runner.recall?.(),
    run(command, runOptions) {
      if (closing !== undefined)
        return Promise.reject(new WorkerError("closed", "The command slot is closed: open another one."));
      if (running.size > ahead) return Promise.reject(new WorkerError("busy", BUSY));
      const run = start(command, runOptions);
      running.add(run);
      const forget = () => running.delete(run);
      run.then(forget, forget);
      return run;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };

  function start(command: Command, runOptions: RunOptions): Promise<CommandResult> {
    if (runOptions.signal?.aborted) return Promise.resolve(unstarted({ aborted: true }));
    const placed = place(command, directory);
    const refused = refusal(placed, env, directory);
    return refused === undefined ? runner.run(placed, runOptions) : refuse(refused, runOptions.output);
  }

  async function close(): Promise<void> {
    const last = Promise.allSettled(running);
    await runner.end();
    await last;
  }
}

function place(command: Command, base: string): PlacedCommand {
  const { cwd, stdinFile } = command;
  const directory = cwd === undefined ? base : resolve(base, cwd);
  return {
    ...command,
    directory,
    ...(stdinFile === undefined ? {} : { stdinFile: resolve(base, stdinFile) }),
  };
}

const BUSY = "The command slot has all the commands that it takes: open a slot for each that is to run at once.";
