import { same } from "../check.ts";
import { liveLine } from "../live-line.ts";
import { sameOutput } from "../same-output.ts";
import type { VerifyJob } from "../verify-job.ts";

const exitCode = 42;

export const failure: VerifyJob = {
  name: "failure",
  what: `a command that fails with ${exitCode} is told as one`,
  sleeps: 1,
  async run(place) {
    const words = ["--", "sh", "-c", `echo "about to fail"; sleep 1; echo "fails"; exit ${exitCode}`];
    const ran = await place.run("failure", { command: "run", words });
    const failed = ran.events.filter((event) => event.type === "failed");
    return {
      ran,
      tasks: { succeeded: 0, failed: 1 },
      exitCode,
      lines: ran.stdout.lines.length,
      checks: [
        sameOutput("stdout", "about to fail\nfails\n", ran.stdout.text),
        sameOutput("stderr", "", ran.stderr.text),
        liveLine(ran.stdout, 1),
        same(
          "told as failed",
          [{ task: 0, attempt: 1, blame: "user" }],
          failed.map(({ task, attempt, blame }) => ({ task, attempt, blame })),
        ),
      ],
    };
  },
};
