import { atLeast } from "../check.ts";
import { sameOutput } from "../same-output.ts";
import type { VerifyJob } from "../verify-job.ts";

/** Long enough for somebody to hear of the first line and stop the worker. */
const seconds = 4;

const script = `echo "begins"; sleep ${seconds}; echo "ends"`;

export const lost: VerifyJob = {
  name: "lost",
  what: "a worker is stopped in the midst of its task: another one comes, and the task runs again",
  sleeps: 2 * seconds,
  async run(place) {
    const { backend } = place.options;
    const ran = await place.run("lost", {
      command: "run",
      words: ["--", "sh", "-c", script],
      async disturb(session) {
        const running = (await backend.list(session)).filter(({ state }) => state !== "exited");
        await backend.stop(
          running.map(({ id }) => id),
          { grace: 0 },
        );
      },
    });
    const born = ran.events.filter(({ type }) => type === "born");
    const gone = ran.events.filter(({ type }) => type === "gone");
    const leased = ran.events.filter(({ type }) => type === "leased");
    return {
      ran,
      tasks: { succeeded: 1 },
      exitCode: 0,
      lines: ran.stdout.lines.length,
      checks: [
        sameOutput("stdout", "begins\nbegins\nends\n", ran.stdout.text),
        sameOutput("stderr", "", ran.stderr.text),
        atLeast("workers told as born", 2, born.length, "workers"),
        atLeast("workers told as gone", 1, gone.length, "workers"),
        atLeast("times leased", 2, leased.length, "times"),
      ],
    };
  },
};
