import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { killFirst } from "../memory/kill-first.ts";
import type { CommandResult, CommandSlot, CommandSlotOptions, RunOptions } from "./command.ts";
import type { Environment } from "./environment.ts";
import { endGroup } from "./group.ts";
import { lastBytes } from "./last-bytes.ts";
import { watchLimits } from "./limits.ts";
import type { Mark } from "./mark.ts";
import { endTree, processOf, tellsProcesses } from "./process-tree.ts";
import { refuse, type Refusal } from "./refusal.ts";
import { slot, type Ground, type PlacedCommand, type Runner } from "./slot.ts";
import { result } from "./status.ts";

/**
 * Runs each command as a child of this process. It needs no shell and takes arguments of any size, but each start costs more the
 * more memory this process has, the command outlives this process if that is killed, and its stdout and stderr are sockets, on
 * which a program can't open `/dev/stdout` or `/dev/stderr`.
 */
export function directCommandSlot(options: CommandSlotOptions = {}): CommandSlot {
  return slot(options, directRunner);
}

export function directRunner({ env, mark }: Pick<Ground, "env" | "mark">): Runner {
  let end: Ending | undefined;
  return {
    async run(command, options) {
      const child = start(command, env);
      if (child instanceof Error) return await refuse(explain(command, child), options.output);
      end = endingOf(child.pid, mark);
      killFirst(child.pid);
      try {
        return await follow(child, command, options, end);
      } finally {
        end = undefined;
      }
    },
    async end() {
      await end?.(0);
    },
  };
}

/** Ends all processes of a command. @param grace Milliseconds. */
type Ending = (grace: number) => Promise<void>;

/** Where processes can't be looked up, those that left the group are not found. */
function endingOf(pid: number | undefined, mark: Mark | undefined): Ending | undefined {
  if (pid === undefined) return undefined;
  const root = tellsProcesses() ? processOf(pid) : undefined;
  return (grace) => (root ? endTree({ root, group: pid, mark, but: [] }, grace) : endGroup(pid, grace));
}

/** Some failures are thrown at once (a list of arguments that is too long), others come as an event. */
function start(command: PlacedCommand, env: Environment): ChildProcess | Error {
  const [program = "", ...args] = command.argv;
  const stdin = command.stdinFile === undefined ? undefined : openSync(command.stdinFile, "r");
  const place = command.cwd === undefined ? {} : { PWD: command.directory };
  try {
    return spawn(program, args, {
      env: { ...env, ...place, ...command.env },
      cwd: command.directory,
      detached: true,
      stdio: [stdin ?? "ignore", "pipe", "pipe"],
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    if (stdin !== undefined) closeSync(stdin);
  }
}

async function follow(
  child: ChildProcess,
  command: PlacedCommand,
  options: RunOptions,
  endAll: Ending | undefined,
): Promise<CommandResult> {
  const since = performance.now();
  const limits = watchLimits(options, async () => endAll?.(options.grace));
  const finished = [
    lastBytes(child.stdout, child, (bytes) => limits.deliver(1, bytes)),
    lastBytes(child.stderr, child, (bytes) => limits.deliver(2, bytes)),
  ];
  const end = await ended(child);
  if (end instanceof Error) {
    await limits.settle();
    return await refuse(explain(command, end), options.output);
  }
  await Promise.all(finished);
  await limits.settle();
  return result(end, since, limits);
}

function ended(child: ChildProcess): Promise<Error | Pick<CommandResult, "code" | "signal">> {
  return new Promise((resolve) => {
    child.once("error", resolve);
    child.once("exit", (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
  });
}

function explain({ argv: [program = ""] }: PlacedCommand, error: Error): Refusal {
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOENT") return { code: 127, message: `${program}: no such file, or its interpreter is missing` };
  if (code === "E2BIG")
    return { code: 126, message: `${program}: argument list too long: pass big inputs by a file or stdin` };
  return { code: 126, message: `${program}: cannot be executed: ${error.message}` };
}
