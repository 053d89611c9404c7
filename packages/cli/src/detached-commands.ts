import type { Command } from "commander";
import {
  as,
  environmentOption,
  estimateOption,
  fleetOptions,
  inputOptions,
  limitOptions,
  sessionOptions,
  storeOptions,
} from "./command-options.ts";
import { eventsOption } from "./events/events-option.ts";
import { addHelp, attachHelp, endHelp, sessionArgument, submitHelp, superviseHelp } from "./help.ts";
import type { Given } from "./interpret.ts";
import { refuseCommand } from "./reader-commands.ts";
import { submissionId } from "./submission-id.ts";

export function addSubmit(root: Command, { command, end }: Given): void {
  const added = root
    .command("submit")
    .summary("start a job and leave it to its workers")
    .description(
      "Submit a call of a function for each input, print the session's id and return. Workers go on without this process.",
    )
    .usage("[options] FILE#EXPORT [INPUTS]")
    .argument("<FILE#EXPORT>", "a module, TypeScript or JavaScript, and the function that it exports")
    .argument("[INPUTS]", "a .jsonl, .json, .csv or .txt file, or - for stdin")
    .allowExcessArguments(false);
  const read = inputOptions(sessionOptions(added, "a line of JSON instead of the id"), "jsonl");
  idOption(environmentOption(limitOptions(estimateOption(read)), "function"))
    .option("--open", "more may be added, until `end`")
    .addHelpText("after", `\n${submitHelp}`)
    .action(async (task, inputs, flags) => {
      refuseCommand(command);
      const { submit } = await import("./commands/submit.ts");
      end(await submit(task, inputs, flags));
    });
}

export function addAttach(root: Command, { command, end }: Given): void {
  const added = root
    .command("attach")
    .summary("watch a session until it ends")
    .description(
      "Show how a session goes on, and its outcomes in input order, until it ends. Ctrl-C leaves it running (exit code 130).",
    )
    .argument("<SESSION>", sessionArgument)
    .allowExcessArguments(false);
  eventsOption(fleetOptions(added, "says what is so anyway: the output is JSON"))
    .option("--quiet", "nothing on stderr but errors and warnings of money")
    .addHelpText("after", `\n${attachHelp}`)
    .action(async (session, flags) => {
      refuseCommand(command);
      const { attach } = await import("./commands/attach.ts");
      end(await attach(session, flags));
    });
}

export function addAdd(root: Command, { command, end }: Given): void {
  const added = root
    .command("add")
    .summary("add inputs to an open session")
    .description(
      "Add inputs to a session that was submitted with --open, for the same task. Several may do so at a time.",
    )
    .usage("[options] <SESSION> [INPUTS]")
    .argument("<SESSION>", sessionArgument)
    .argument("[INPUTS]", "a .jsonl, .json, .csv or .txt file, or - for stdin")
    .allowExcessArguments(false);
  idOption(inputOptions(fleetOptions(added), "jsonl"))
    .addHelpText("after", `\n${addHelp}`)
    .action(async (session, inputs, flags) => {
      refuseCommand(command);
      const { add } = await import("./commands/add.ts");
      end(await add(session, inputs, flags));
    });
}

export function addEnd(root: Command, { command, end }: Given): void {
  const added = root
    .command("end")
    .summary("say that no more inputs come")
    .description("Say that nothing more will be added to a session. What was added runs to its end.")
    .argument("<SESSION>", sessionArgument)
    .allowExcessArguments(false);
  storeOptions(added)
    .addHelpText("after", `\n${endHelp}`)
    .action(async (session, flags) => {
      refuseCommand(command);
      const { endSession } = await import("./commands/end.ts");
      end(await endSession(session, flags));
    });
}

export function addSupervise(root: Command, { command, end }: Given): void {
  const added = root
    .command("supervise")
    .summary("keep a session's workers up until it ends")
    .description(
      "Keep the workers of a session up until it is over. `submit` and others start this in the background where nobody does it.",
    )
    .argument("<SESSION>", sessionArgument)
    .allowExcessArguments(false);
  eventsOption(fleetOptions(added))
    .addHelpText("after", `\n${superviseHelp}`)
    .action(async (session, flags) => {
      refuseCommand(command);
      const { supervise } = await import("./commands/supervise.ts");
      end(await supervise(session, flags));
    });
}

function idOption(command: Command): Command {
  return command.option(
    "--id <key>",
    "a name for these inputs: given again with the same key, what is there already is not added twice",
    as(submissionId),
  );
}
