import type { Command } from "commander";
import { backendOption, storeOptions } from "./command-options.ts";
import { doctorHelp } from "./help.ts";
import type { Given } from "./interpret.ts";
import { refuseCommand } from "./reader-commands.ts";

export function addDoctor(root: Command, { command, end }: Given): void {
  const added = root
    .command("doctor")
    .summary("check store and backend")
    .description("Check whether jobs can run on this store and this backend, and say what to do if not (exit code 1).")
    .allowExcessArguments(false);
  backendOption(storeOptions(added, "a line of JSON for each check"))
    .addHelpText("after", `\n${doctorHelp}`)
    .action(async (flags) => {
      refuseCommand(command);
      const { doctor } = await import("./commands/doctor.ts");
      end(await doctor(flags));
    });
}
