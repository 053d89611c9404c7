import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { same } from "../check.ts";
import type { Check } from "../check.ts";
import type { JobRun } from "../job-run.ts";
import { liveLine } from "../live-line.ts";
import { sameOutput } from "../same-output.ts";
import type { VerifyJob } from "../verify-job.ts";

const count = 12;

/** Several slots of several workers: both ways to run at the same time. */
const mostWorkers = 4;

/** Long enough for the last worker to begin before the first is done. */
const seconds = 6;

const script = `echo "task {} begins" "$(date +%s)"; sleep ${seconds}; echo "task {} ends" "$(date +%s)"`;

export const parallel: VerifyJob = {
  name: "parallel",
  what: `${count} tasks run at a time, and each output stays together`,
  sleeps: seconds,
  async run(place) {
    const inputs = join(place.directory, "tasks.txt");
    await writeFile(inputs, Array.from({ length: count }, (_, n) => `${n}\n`).join(""));
    const workers = Math.max(1, Math.min(mostWorkers, await place.room()));
    const options = ["--workers", String(workers), "--slots", String(Math.ceil(count / workers))];
    const words = [inputs, "--", "sh", "-c", script];
    const ran = await place.run("parallel", { command: "each", options, words, follow: true });
    return {
      ran,
      tasks: { succeeded: count },
      exitCode: 0,
      lines: ran.stdout.lines.length,
      checks: [
        sameOutput("output", expected, ran.stdout.text.replaceAll(/\d+$/gm, "TIME")),
        sameOutput("stderr", "", ran.stderr.text),
        // The command shows an output when all of it is there: what comes before is seen by who follows the logs.
        liveLine(ran.logs?.stdout ?? ran.stdout, seconds),
        atOnce(ran),
      ],
    };
  },
};

const expected = Array.from({ length: count }, (_, n) => `task ${n} begins TIME\ntask ${n} ends TIME\n`).join("");

/** Each began before any ended, on their own clocks, in whole seconds. */
function atOnce({ stdout }: JobRun): Check {
  const times = [...stdout.text.matchAll(/(begins|ends) (\d+)$/gm)].map(([, what, time]) => ({
    what,
    time: Number(time),
  }));
  const begun = times.filter(({ what }) => what === "begins").map(({ time }) => time);
  const ended = times.filter(({ what }) => what === "ends").map(({ time }) => time);
  const most = Math.max(0, ...begun.map((at) => begun.filter((b, n) => b <= at && (ended[n] ?? b) > at).length));
  return same("at a time", count, most);
}
