import type { Command } from "commander";
import { as, backendOption, fleetOptions, storeOptions } from "./command-options.ts";
import { cancelHelp, extendHelp, gcHelp, retryHelp, rmHelp, sessionArgument, teardownHelp } from "./help.ts";
import type { Given } from "./interpret.ts";
import { budgetChange, deadline, hourlyRate } from "./limits.ts";
import { duration, natural } from "./quantities.ts";
import { refuseCommand } from "./reader-commands.ts";

export function addCancel(root: Command, { command, end }: Given): void {
  const added = root
    .command("cancel")
    .summary("stop a session, or some of its tasks")
    .description("Stop what runs and start nothing more. What has its outcome keeps it; the rest is cancelled.")
    .argument("<SESSION>", sessionArgument)
    .allowExcessArguments(false);
  taskOption(storeOptions(added))
    .addHelpText("after", `\n${cancelHelp}`)
    .action(async (session, flags) => {
      refuseCommand(command);
      const { cancel } = await import("./commands/cancel.ts");
      end(await cancel(session, flags));
    });
}

export function addExtend(root: Command, { command, end }: Given): void {
  const added = root
    .command("extend")
    .summary("give a session more time or money")
    .description("Move the limits of a session. One that was paused for its deadline or its budget goes on.")
    .argument("<SESSION>", sessionArgument)
    .allowExcessArguments(false)
    .option("--deadline <time>", "later by +6h (from now, if it is over), or at 2030-12-31T18:00", as(deadline))
    .option("--budget <dollars>", "+5 more, or 20 in all", as(budgetChange))
    .option("--warn-at <dollars>", "says so once when it has cost +5 more than that was, or 15", as(budgetChange))
    .option("--max-rate <dollars/h>", "most dollars per hour for its workers: 20/h, or 20", as(hourlyRate));
  fleetOptions(added)
    .addHelpText("after", `\n${extendHelp}`)
    .action(async (session, flags) => {
      refuseCommand(command);
      const { extend } = await import("./commands/extend.ts");
      end(await extend(session, flags));
    });
}

export function addRetry(root: Command, { command, end }: Given): void {
  const added = root
    .command("retry")
    .summary("run failed tasks again")
    .description("Run the failed tasks of a session again, in the same session. Old attempts and their logs stay.")
    .argument("<SESSION>", sessionArgument)
    .allowExcessArguments(false);
  taskOption(fleetOptions(added))
    .addHelpText("after", `\n${retryHelp}`)
    .action(async (session, flags) => {
      refuseCommand(command);
      const { retry } = await import("./commands/retry.ts");
      end(await retry(session, flags));
    });
}

export function addRm(root: Command, { command, end }: Given): void {
  const added = root
    .command("rm")
    .summary("remove a session")
    .description("Stop the workers of a session and remove all that it left in the store.")
    .argument("<SESSION>", sessionArgument)
    .allowExcessArguments(false)
    .option("--now", "do not wait for workers that fell silent: when you know that none is alive");
  backendOption(storeOptions(added))
    .addHelpText("after", `\n${rmHelp}`)
    .action(async (session, flags) => {
      refuseCommand(command);
      const { rm } = await import("./commands/rm.ts");
      end(await rm(session, flags));
    });
}

export function addGc(root: Command, { command, end }: Given): void {
  const added = root
    .command("gc")
    .summary("remove old sessions")
    .description(
      "Remove what is left of removed sessions and those that have expired; with --older-than, also others that have ended.",
    )
    .allowExcessArguments(false)
    .option(
      "--older-than <duration>",
      "also those that have ended, and in which nothing was written for 12h, 30d",
      as(duration),
    )
    .option("--dry-run", "only say what would be removed, and how much that frees");
  backendOption(storeOptions(added))
    .addHelpText("after", `\n${gcHelp}`)
    .action(async (flags) => {
      refuseCommand(command);
      const { gc } = await import("./commands/gc.ts");
      end(await gc(flags));
    });
}

export function addTeardown(root: Command, { command, end }: Given): void {
  const added = root
    .command("teardown")
    .summary("remove what a backend has left")
    .description(
      "Remove what a backend has left: containers that ended, and volumes and the like that were made for workers. While workers run, nothing is removed.",
    )
    .allowExcessArguments(false)
    .option("--force", "end workers that run, too, of whatever session and store")
    .option("--dry-run", "only say what would be removed");
  backendOption(storeOptions(added))
    .addHelpText("after", `\n${teardownHelp}`)
    .action(async (flags) => {
      refuseCommand(command);
      const { teardown } = await import("./commands/teardown.ts");
      end(await teardown(flags));
    });
}

function taskOption(command: Command): Command {
  return command.option(
    "--task <i>",
    "only the task with this index in the session; repeatable",
    (text: string, before: readonly number[] | undefined) => [...(before ?? []), as(natural)(text)],
  );
}
