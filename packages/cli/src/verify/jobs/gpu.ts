import { same } from "../check.ts";
import type { VerifyJob } from "../verify-job.ts";

const script = `ls /dev/nvidia0 /dev/dri/renderD128 /dev/kfd 2>/dev/null | head -n 1`;

/** As of everything that can't run. */
const refused = 125;

export const gpu: VerifyJob = {
  name: "gpu",
  what: "a worker with a GPU has one, or is refused by a line that names it",
  async run(place) {
    const words = ["--gpus", "1", "--", "sh", "-c", script];
    const ran = await place.run("gpu", { command: "run", words });
    if (ran.exitCode === 0) {
      const found = ran.stdout.text.trim();
      const seen = found === "" ? "no device of one" : "a device of one";
      const checks = [same("GPU", "a device of one", seen)];
      return { ran, tasks: { succeeded: 1 }, exitCode: 0, lines: ran.stdout.lines.length, checks };
    }
    const said = ran.stderr.text.trim();
    return {
      ran,
      tasks: "none",
      exitCode: refused,
      lines: 0,
      checks: [
        same("stdout", "", ran.stdout.text),
        same("refusal in one line that names a GPU", true, /^skyburst: [^\n]*\bGPUs?\b[^\n]*$/i.test(said)),
      ],
    };
  },
};
