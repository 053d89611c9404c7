import type { Command } from "commander";
import { environmentOption, jobOptions, placeOptions, streamOptions } from "./command-options.ts";
import { CliError } from "./errors.ts";
import { eventsOption, eventsOptionUnlessDetached } from "./events/events-option.ts";
import { eachHelp, mapHelp, runHelp } from "./help.ts";
import type { Given } from "./interpret.ts";
import { refuseCommand } from "./reader-commands.ts";

export function addRun(root: Command, { command, early, end }: Given): void {
  const added = root
    .command("run")
    .summary("run one command")
    .description("Run one command on a worker, with its output as it comes and its exit code.")
    .usage("[options] -- COMMAND [ARG...]")
    .argument("[words...]")
    .passThroughOptions();
  placeOptions(eventsOption(jobOptions(added, "the outcome, too, as a last line of JSON")))
    .option("--stdin <file>", "the command's standard input (- for this one's); without it, empty")
    .addHelpText("after", `\n${runHelp}`)
    .action(async (words, flags) => {
      const { run } = await import("./commands/run.ts");
      end(await run(needed(command, words, "run"), { ...flags, early }));
    });
}

export function addMap(root: Command, { command, early, end }: Given): void {
  const added = root
    .command("map")
    .summary("call a function for each input")
    .description("Call a function once for each input; one line of JSON per outcome on stdout.")
    .usage("[options] FILE#EXPORT [INPUTS]")
    .argument("<FILE#EXPORT>", "a module, TypeScript or JavaScript, and the function that it exports")
    .argument("[INPUTS]", "a .jsonl, .json, .csv or .txt file, or - for stdin")
    .allowExcessArguments(false);
  const streamed = streamOptions(jobOptions(added, "says what is so anyway: the output is JSON"), "jsonl");
  eventsOptionUnlessDetached(environmentOption(streamed, "function"))
    .addHelpText("after", `\n${mapHelp}`)
    .action(async (task, inputs, flags) => {
      refuseCommand(command);
      const { map } = await import("./commands/map.ts");
      end(await map(task, inputs, { ...flags, early }));
    });
}

export function addEach(root: Command, { command, early, end }: Given): void {
  const added = root
    .command("each")
    .summary("run a command for each input")
    .description("Run a command once for each input; the output of each in one piece, in input order.")
    .usage("[options] INPUTS -- COMMAND [ARG...]")
    .argument("<INPUTS>", "a file, of which each line is an input, or a .jsonl, .json or .csv; - for stdin")
    .argument("[words...]");
  placeOptions(
    eventsOptionUnlessDetached(streamOptions(jobOptions(added, "outcomes with exit codes instead of output"), "txt")),
  )
    .addHelpText("after", `\n${eachHelp}`)
    .action(async (inputs, words, flags) => {
      const { each } = await import("./commands/each.ts");
      end(await each(inputs, needed(command, words, "each INPUTS"), { ...flags, early }));
    });
}

/** The command stands behind `--`, so that none of its own options is taken for one of ours. */
function needed(command: readonly string[] | undefined, words: readonly string[], usage: string): readonly string[] {
  const [word] = words;
  if (command?.[0] !== undefined && word === undefined) return command;
  if (command && word !== undefined) throw new CliError("usage", `${word} stands before --, and is no option.`);
  const example = word === undefined ? "COMMAND [ARG...]" : words.join(" ");
  throw new CliError("usage", `no command is given behind --. Write: skyburst ${usage} -- ${example}`);
}
