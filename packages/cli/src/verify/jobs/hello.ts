import { liveLine } from "../live-line.ts";
import { sameOutput } from "../same-output.ts";
import type { VerifyJob } from "../verify-job.ts";

const script = `echo "hello from stdout"; echo "hello from stderr" >&2; sleep 1; echo "goodbye"`;

export const hello: VerifyJob = {
  name: "hello",
  what: "a command runs, and its output comes while it does",
  sleeps: 1,
  async run(place) {
    const ran = await place.run("hello", { command: "run", words: ["--", "sh", "-c", script] });
    return {
      ran,
      tasks: { succeeded: 1 },
      exitCode: 0,
      lines: ran.stdout.lines.length + ran.stderr.lines.length,
      checks: [
        sameOutput("stdout", "hello from stdout\ngoodbye\n", ran.stdout.text),
        sameOutput("stderr", "hello from stderr\n", ran.stderr.text),
        liveLine(ran.stdout, 1),
      ],
    };
  },
};
