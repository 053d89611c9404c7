import { same } from "../check.ts";
import { liveLine } from "../live-line.ts";
import { pauseSeconds } from "../tasks/begin.ts";
import type { Hashed } from "../tasks/sort-and-hash.ts";
import { sameOutput } from "../same-output.ts";
import type { VerifyJob } from "../verify-job.ts";
import { mapJob } from "../map-job.ts";

/** Of four bytes each: 50 MB. */
const numbers = 12_500_000;

/** As another program, in another language, has computed them. */
const expected: Hashed = {
  generated: "eed098606f58975fe6c45a821cbed6fde77e73e1d174a94e51111e2c387d48d3",
  sorted: "29396634de402611c6742de0fa1d5d04646aaea2945d5914f16df36fe22945e5",
};

export const data: VerifyJob = {
  name: "data",
  what: "a task generates 50 MB, sorts them, and has the right digests",
  sleeps: pauseSeconds,
  async run(place) {
    const { ran, printed, values, seconds } = await mapJob(place, "data", {
      task: "sortAndHash",
      inputs: [{ numbers }],
      options: ["--workers", "1"],
    });
    return {
      ran,
      tasks: { succeeded: 1 },
      exitCode: 0,
      lines: printed.lines.length,
      checks: [
        sameOutput(
          "printed",
          `begins to generate ${numbers} numbers\nhas generated ${expected.generated}\nhas sorted ${expected.sorted}\n`,
          printed.text,
        ),
        liveLine(printed, seconds),
        same("digests", expected, values[0]),
      ],
    };
  },
};
