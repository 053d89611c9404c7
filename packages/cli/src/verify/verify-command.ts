import type { Command } from "commander";
import { as, backendOption, environmentOption, storeOptions, workerOptions } from "../command-options.ts";
import { didYouMean } from "../nearest.ts";
import { verifyHelp } from "../help.ts";
import type { Given } from "../interpret.ts";
import { duration } from "../quantities.ts";
import { refuseCommand } from "../reader-commands.ts";
import { jobNames } from "./job-names.ts";
import type { JobName } from "./job-names.ts";

export function addVerify(root: Command, { command, end }: Given): void {
  const added = root
    .command("verify")
    .summary("prove that a backend works, by real jobs")
    .description(
      "Run real jobs with known results on a backend, by this command itself, and check all that they have to show: output, order, exit codes, times, events, and that no worker is left. Exit code 1: something fell short.",
    )
    .allowExcessArguments(false);
  environmentOption(workerOptions(backendOption(storeOptions(added, "one JSON document instead of the table"))))
    .option("--job <name>", `only this one, of ${jobNames.join(", ")}; repeatable`, jobs)
    .option("--timeout <duration>", "longest time of one job, start of workers included (default: 2m)", as(duration))
    .addHelpText("after", `\n${verifyHelp}`)
    .action(async (flags) => {
      refuseCommand(command);
      const { verify } = await import("../commands/verify.ts");
      end(await verify(flags));
    });
}

function jobs(text: string, before: readonly JobName[] = []): readonly JobName[] {
  return [...before, as(jobName)(text)];
}

function jobName(text: string): JobName {
  const name = jobNames.find((known) => known === text);
  if (name !== undefined) return name;
  throw new RangeError(`There is no such job.${didYouMean(text, jobNames)} There are ${jobNames.join(", ")}.`);
}
