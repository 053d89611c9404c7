import type { Command } from "commander";
import { as } from "./command-options.ts";
import { conformanceHelp } from "./help.ts";
import type { Given } from "./interpret.ts";
import { duration } from "./quantities.ts";
import { refuseCommand } from "./reader-commands.ts";

/** For those who write a store, a backend or a serializer. */
export function addConformance(root: Command, { command, end }: Given): void {
  root
    .command("conformance")
    .summary("test a store, a backend or a serializer of your own")
    .description("Test whether a store, a backend or a serializer keeps its contract. Exit code 1: it does not.")
    .argument("<MODULE>", "a file, TypeScript or JavaScript")
    .allowExcessArguments(false)
    .option("--timeout <duration>", "longest run of one test: 500ms, 2s, 5m (default: 60s)", as(duration))
    .option("--json", "a line of JSON for each test, as it ends")
    .addHelpText("after", `\n${conformanceHelp}`)
    .action(async (module, flags) => {
      refuseCommand(command);
      const { conformance } = await import("./commands/conformance.ts");
      end(await conformance(module, flags));
    });
}
