import { atLeast, same } from "../check.ts";
import { liveLine } from "../live-line.ts";
import { pauseSeconds } from "../tasks/begin.ts";
import type { Touched } from "../tasks/touch-memory.ts";
import { sameOutput } from "../same-output.ts";
import type { VerifyJob } from "../verify-job.ts";
import { mapJob } from "../map-job.ts";

const limit = 2 ** 30;
const bytes = Math.round(0.8 * limit);
const mebibyte = 2 ** 20;

export const memory: VerifyJob = {
  name: "memory",
  what: "a worker of 1 GiB has it: 80 % of that is taken and written to",
  sleeps: pauseSeconds,
  async skipped(place) {
    if (!place.takes("memory")) return `${place.options.backend.name} gives its workers no limit of memory`;
    return (await place.room({ memory: limit })) > 0 ? undefined : "there is no room for a worker of 1 GiB";
  },
  async run(place) {
    const { ran, printed, values, seconds } = await mapJob(place, "memory", {
      task: "touchMemory",
      inputs: [{ bytes }],
      options: ["--workers", "1", "--slots", "1", "--memory", "1g"],
    });
    const [touched] = values as readonly Touched[];
    return {
      ran,
      tasks: { succeeded: 1 },
      exitCode: 0,
      lines: printed.lines.length,
      checks: [
        sameOutput("printed", `begins to take ${bytes} bytes\nhas touched ${bytes} bytes\n`, printed.text),
        liveLine(printed, seconds),
        same("limit of memory", limit, touched?.limit),
        same("touched", bytes, touched?.touched),
        atLeast("memory in use", bytes / mebibyte, (touched?.memory ?? 0) / mebibyte, "MiB"),
      ],
    };
  },
};
