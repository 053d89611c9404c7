import { atMost, same } from "../check.ts";
import { liveLine } from "../live-line.ts";
import { pauseSeconds } from "../tasks/begin.ts";
import type { Fitted } from "../tasks/fit-line.ts";
import type { VerifyJob } from "../verify-job.ts";
import { mapJob } from "../map-job.ts";

const epochs = 200;

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
        same("lines printed", 11, printed.lines.length),
      ],
    };
  },
};
