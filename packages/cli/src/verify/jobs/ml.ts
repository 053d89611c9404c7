import { atMost, same } from "../check.ts";
import { liveLine } from "../live-line.ts";
import { pauseSeconds } from "../tasks/begin.ts";
import type { Fitted } from "../tasks/fit-line.ts";
import { sameOutput } from "../same-output.ts";
import type { VerifyJob } from "../verify-job.ts";
import { mapJob } from "../map-job.ts";

const epochs = 200;

/** Rounded to what rounding errors do not reach. */
const losses = [268.511, 227.683, 227.079, 227.071, ...Array.from({ length: 6 }, () => 227.07)];
const printedLines = [
  "begins with 50 rows\n",
  ...losses.map((loss, n) => `epoch ${20 * (n + 1)}: loss ${loss.toFixed(3)}\n`),
];

/** Least squares leave 227.07: nothing fits better. */
const mostLoss = 227.08;

export const ml: VerifyJob = {
  name: "ml",
  what: "gradient descent on a table of stopping distances comes to the loss that least squares have",
  sleeps: pauseSeconds,
  async run(place) {
    const { ran, printed, values, seconds } = await mapJob(place, "ml", {
      task: "fitLine",
      inputs: [{ epochs }],
      options: ["--workers", "1"],
    });
    const [fitted] = values as readonly Fitted[];
    const line = { intercept: fitted?.intercept.toFixed(2), slope: fitted?.slope.toFixed(2) };
    return {
      ran,
      tasks: { succeeded: 1 },
      exitCode: 0,
      lines: printed.lines.length,
      checks: [
        liveLine(printed, seconds),
        atMost("loss", mostLoss, fitted?.loss ?? Number.POSITIVE_INFINITY, "(mean of squared errors)"),
        same("line", { intercept: "-17.58", slope: "3.93" }, line),
        sameOutput("printed", printedLines.join(""), printed.text),
      ],
    };
  },
};
