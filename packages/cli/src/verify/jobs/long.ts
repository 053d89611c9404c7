import { liveLine } from "../live-line.ts";
import { sameOutput } from "../same-output.ts";
import type { VerifyJob } from "../verify-job.ts";

const seconds = 30;

/** Seconds by which the first line may be late. */
const late = 1;

export const long: VerifyJob = {
  name: "long",
  what: `a command runs for ${seconds} s, and its first line is here within ${late} s`,
  sleeps: seconds,
  async run(place) {
    const script = `echo "begun"; sleep ${seconds}; echo "done"`;
    const ran = await place.run("long", { command: "run", words: ["--", "sh", "-c", script] });
    return {
      ran,
      tasks: { succeeded: 1 },
      exitCode: 0,
      lines: ran.stdout.lines.length,
      checks: [
        sameOutput("stdout", "begun\ndone\n", ran.stdout.text),
        sameOutput("stderr", "", ran.stderr.text),
        liveLine(ran.stdout, seconds, late),
      ],
    };
  },
};
