import { same } from "../check.ts";
import type { Check } from "../check.ts";
import { liveLine } from "../live-line.ts";
import { sameOutput } from "../same-output.ts";
import type { VerifyJob } from "../verify-job.ts";

const count = 1000;

const script = `echo "out begins"; sleep 1; echo "err begins" >&2; sleep 1; echo "out goes on"; i=1
while [ $i -le ${count} ]; do echo "out $i"; echo "err $i" >&2; i=$((i + 1)); done; printf "no end of line"`;

export const mixed: VerifyJob = {
  name: "mixed",
  what: "stdout and stderr stay apart, each in order, to the last byte",
  sleeps: 2,
  async run(place) {
    const ran = await place.run("mixed", { command: "run", words: ["--", "sh", "-c", script] });
    const stored = await place.logs(ran.name, "--json");
    return {
      ran,
      tasks: { succeeded: 1 },
      exitCode: 0,
      lines: ran.stdout.lines.length + ran.stderr.lines.length,
      checks: [
        sameOutput("stdout", `out begins\nout goes on\n${numbered("out")}no end of line`, ran.stdout.text),
        sameOutput("stderr", `err begins\n${numbered("err")}`, ran.stderr.text),
        liveLine(ran.stdout, 2),
        order(stored.stdout.text),
      ],
    };
  },
};

function numbered(word: string): string {
  return Array.from({ length: count }, (_, n) => `${word} ${n + 1}\n`).join("");
}

/** What was written a second apart is stored in the order in which it was written. */
function order(json: string): Check {
  const found = [...json.matchAll(/out begins|err begins|out goes on/g)].map(([text]) => text);
  return same("order of both", ["out begins", "err begins", "out goes on"], found);
}
