import type { Command } from "commander";
import { as, storeOptions } from "../command-options.ts";
import { eventsHelp, sessionArgument } from "../help.ts";
import type { Given } from "../interpret.ts";
import { refuseCommand } from "../reader-commands.ts";
import { eventTypes } from "./event-types.ts";

export function addEvents(root: Command, { command, end }: Given): void {
  const added = root
    .command("events")
    .summary("print what happened in a session")
    .description("Print what happened in a session, one line of JSON per event, from its begin on.")
    .argument("<SESSION>", sessionArgument)
    .allowExcessArguments(false)
    .option("-f, --follow", "go on with what happens from now on, until the session ends")
    .option("--type <types>", "only these, as retried,failed (default: all)", as(eventTypes));
  storeOptions(added, "says what is so anyway: the output is JSON")
    .addHelpText("after", `\n${eventsHelp}`)
    .action(async (session, flags) => {
      refuseCommand(command);
      const { events } = await import("../commands/events.ts");
      end(await events(session, flags));
    });
}
