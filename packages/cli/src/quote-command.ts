import type { Command } from "commander";
import { as, inputOptions, placeOptions, secretOption, storeOptions } from "./command-options.ts";
import { CliError } from "./errors.ts";
import { quoteHelp } from "./help.ts";
import type { Given } from "./interpret.ts";
import { duration, positive, positives } from "./quantities.ts";

export function addQuote(root: Command, { command, end }: Given): void {
  const added = root
    .command("quote")
    .summary("tell what a job would take and cost")
    .description(
      "Try some of the inputs here, in earnest, and tell what all of them would take and cost: here, and on each backend of the configuration.",
    )
    .usage("[options] FILE#EXPORT [INPUTS]")
    .argument("<FILE#EXPORT>", "a module, TypeScript or JavaScript, and the function that it exports")
    .argument("[INPUTS]", "a .jsonl, .json, .csv or .txt file, or - for stdin")
    .allowExcessArguments(false);
  secretOption(placeOptions(inputOptions(storeOptions(added), "jsonl")))
    .option("--backend <name>", "only this one beside this machine (default: all of the configuration)")
    .option("--workers <n,n>", "sizes of the fleet to compare (default: 10,50,200)", as(positives))
    .option("--slots <n>", "tasks that a worker runs at a time (default: its processors)", as(positive))
    .option("--sample <n>", "inputs that are tried (default: 5)", as(positive))
    .option("--timeout <duration>", "longest run of one that is tried: 500ms, 2s, 5m (default: none)", as(duration))
    .addHelpText("after", `\n${quoteHelp}`)
    .action(async (first, second, flags) => {
      const { quote, quoteCommand } = await import("./commands/quote.ts");
      if (command === undefined) return end(await quote(first, second, flags));
      if (command.length === 0 || second !== undefined)
        throw new CliError(
          "usage",
          "a command is quoted as it is run by each. Write: skyburst quote INPUTS -- COMMAND [ARG...]",
        );
      end(await quoteCommand(first, command, flags));
    });
}
