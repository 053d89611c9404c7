import { same } from "../check.ts";
import { sameOutput } from "../same-output.ts";
import type { VerifyJob } from "../verify-job.ts";

const exitCode = 42;

export const failure: VerifyJob = {
  name: "failure",
  what: `a command that fails with ${exitCode} is told as one`,
  async run(place) {
    const words = ["--", "sh", "-c", `echo "about to fail"; exit ${exitCode}`];
    const ran = await place.run("failure", { command: "run", words });
    const failed = ran.events.filter((event) => event.type === "failed");
    return {
      ran,
      tasks: { succeeded: 0, failed: 1 },
      exitCode,
      lines: ran.stdout.lines.length,
      checks: [
        sameOutput("stdout", "about to fail\n", ran.stdout.text),
        same(
          "told as failed",
          [{ task: 0, attempt: 1, blame: "user" }],
          failed.map(({ task, attempt, blame }) => ({ task, attempt, blame })),
        ),
      ],
    };
  },
};
