import { liveLine } from "../live-line.ts";
import { sameOutput } from "../same-output.ts";
import type { VerifyJob } from "../verify-job.ts";

const count = 50_000;

const script = `echo "line 1"; sleep 1; i=2; while [ $i -le ${count} ]; do echo "line $i"; i=$((i + 1)); done`;

export const logs: VerifyJob = {
  name: "logs",
  what: `${count.toLocaleString("en-US")} lines come once each, and in order, and are there to be read again`,
  sleeps: 1,
  async run(place) {
    const ran = await place.run("logs", { command: "run", words: ["--", "sh", "-c", script] });
    const again = await place.logs(ran.name);
    return {
      ran,
      tasks: { succeeded: 1 },
      exitCode: 0,
      lines: ran.stdout.lines.length,
      checks: [
        sameOutput("stdout", expected(), ran.stdout.text),
        sameOutput("stderr", "", ran.stderr.text),
        liveLine(ran.stdout, 1),
        sameOutput("read again", expected(), again.stdout.text),
      ],
    };
  },
};

function expected(): string {
  return Array.from({ length: count }, (_, n) => `line ${n + 1}\n`).join("");
}
