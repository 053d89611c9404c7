import type { Command } from "commander";
import { as, fleetOptions, secretOption, storeOptions } from "./command-options.ts";
import { cursor } from "./cursor.ts";
import { CliError } from "./errors.ts";
import { collectHelp, logsHelp, lsHelp, reproduceHelp, sessionArgument, statusHelp } from "./help.ts";
import type { Given } from "./interpret.ts";
import { natural } from "./quantities.ts";

export function addLs(root: Command, { command, end }: Given): void {
  const added = root
    .command("ls")
    .summary("list sessions")
    .description("List the sessions of a store, the newest first.")
    .allowExcessArguments(false)
    .option("--all", "also those that are being removed");
  storeOptions(added)
    .addHelpText("after", `\n${lsHelp}`)
    .action(async (flags) => {
      refuseCommand(command);
      const { ls } = await import("./commands/ls.ts");
      end(await ls(flags));
    });
}

export function addStatus(root: Command, { command, end }: Given): void {
  const added = root
    .command("status")
    .summary("show how a session stands")
    .description("Show how a session stands.")
    .argument("<SESSION>", sessionArgument)
    .allowExcessArguments(false)
    .option("--receipt", "what it has cost instead: by kind, per 1,000 tasks, and what came to nothing");
  storeOptions(added)
    .addHelpText("after", `\n${statusHelp}`)
    .action(async (session, flags) => {
      refuseCommand(command);
      const { status } = await import("./commands/status.ts");
      end(await status(session, flags));
    });
}

export function addCollect(root: Command, { command, end }: Given): void {
  const added = root
    .command("collect")
    .summary("print the outcomes of a session")
    .description("Print the outcomes of a session in input order, up to the first that is missing (exit code 4).")
    .argument("<SESSION>", sessionArgument)
    .allowExcessArguments(false)
    .option("--wait", "wait for those that are missing, until the session ends")
    .option("--failed", "only those that failed")
    .option("--since <cursor>", "go on where another `collect` stopped: it has printed the cursor", as(cursor));
  fleetOptions(added, "says what is so anyway: the output is JSON")
    .addHelpText("after", `\n${collectHelp}`)
    .action(async (session, flags) => {
      refuseCommand(command);
      const { collect } = await import("./commands/collect.ts");
      end(await collect(session, flags));
    });
}

export function addLogs(root: Command, { command, end }: Given): void {
  const added = root
    .command("logs")
    .summary("print what tasks wrote")
    .description("Print what the tasks of a session wrote.")
    .argument("<SESSION>", sessionArgument)
    .allowExcessArguments(false)
    .option("-f, --follow", "go on with what is written from now on, until the session ends")
    .option("--task <i>", "only the task with this index in the session", as(natural))
    .option("--tail <n>", "only the last n lines of each task, of what is there (default: all)", as(natural));
  storeOptions(added)
    .addHelpText("after", `\n${logsHelp}`)
    .action(async (session, flags) => {
      refuseCommand(command);
      const { logs } = await import("./commands/logs.ts");
      end(await logs(session, flags));
    });
}

export function addReproduce(root: Command, { command, end }: Given): void {
  const added = root
    .command("reproduce")
    .summary("run one task again, here")
    .description("Run a task of a session once more, alone, on this machine. The session is left as it is.")
    .argument("<SESSION>", sessionArgument)
    .allowExcessArguments(false)
    .requiredOption("--task <i>", "the task with this index in the session", as(natural));
  secretOption(storeOptions(added, "the outcome as JSON, behind what the task prints"))
    .addHelpText("after", `\n${reproduceHelp}`)
    .action(async (session, flags) => {
      refuseCommand(command);
      const { reproduce } = await import("./commands/reproduce.ts");
      end(await reproduce(session, flags));
    });
}

export function refuseCommand(command: readonly string[] | undefined): void {
  if (command !== undefined) throw new CliError("usage", "a command behind -- is for run and each only.");
}
