import { atLeast, same } from "../check.ts";
import { liveLine } from "../live-line.ts";
import { pauseSeconds } from "../tasks/begin.ts";
import type { Burnt } from "../tasks/burn.ts";
import { sameOutput } from "../same-output.ts";
import type { VerifyJob } from "../verify-job.ts";
import { mapJob } from "../map-job.ts";

const processors = 2;

/** Of both processors, what has to be busy: threads do not begin at the very same time. */
const leastBusy = 1.5;

export const cpu: VerifyJob = {
  name: "cpu",
  what: `a worker of ${processors} processors keeps both of them busy, and has no more`,
  sleeps: pauseSeconds,
  async skipped(place) {
    const limit = place.takes("cpu") ? { cpu: processors } : {};
    return (await place.room(limit)) > 0 ? undefined : `there is no room for a worker of ${processors} processors`;
  },
  async run(place) {
    const container = place.takes("cpu");
    const { ran, printed, values, seconds } = await mapJob(place, "cpu", {
      task: "burn",
      inputs: Array.from({ length: processors }, () => ({ container })),
      options: ["--workers", "1", "--slots", String(processors), ...(container ? ["--cpu", String(processors)] : [])],
    });
    const burnt = values as readonly Burnt[];
    const limits = burnt.map((one) => one.processors);
    return {
      ran,
      tasks: { succeeded: processors },
      exitCode: 0,
      lines: printed.lines.length,
      checks: [
        sameOutput("printed", `${begins.repeat(processors)}${ends.repeat(processors)}`, inOrder(printed.text)),
        liveLine(printed, seconds),
        ...(container ? [same("limit of processors", [processors, processors], limits)] : []),
        atLeast("processors busy", leastBusy, busy(burnt), "processors, of those that other processes left"),
      ],
    };
  },
};

const begins = "begins to keep a processor busy\n";
const ends = "is done: true\n";

/** Two tasks print at the same time: what the other one says in between is nobody's fault. */
function inOrder(text: string): string {
  return text
    .split(/(?<=\n)/)
    .toSorted()
    .join("");
}

/** Processors that were busy while both tasks worked, or that other processes of the machine had in their stead. */
function busy(burnt: readonly Burnt[]): number {
  const first = burnt.toSorted((a, b) => a.began - b.began)[0];
  const last = burnt.toSorted((a, b) => a.ended - b.ended).at(-1);
  if (!first || !last) return 0;
  const used = last.after - first.before + burnt.reduce((sum, { waited }) => sum + waited, 0);
  return used / ((last.ended - first.began) / 1000);
}
