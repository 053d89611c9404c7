import { readFileSync } from "node:fs";
import { alternate } from "../alternate.ts";
import { checkStore } from "../check.ts";
import { atMost } from "../figure.ts";
import type { Figure } from "../figure.ts";
import { node, program, run } from "../program.ts";

/** How long the work of a killed worker lies idle. */
export const takeover: Figure = {
  name: "takeover",
  async measure(bench) {
    const { milliseconds } = await alternate(bench.repeat * (bench.quick ? 1 : 2), {
      milliseconds: async () => {
        const place = bench.places.next("takeover");
        const { stdout } = await run(node(program("takeover")), { place });
        await checkStore(place, 2);
        return Number(readFileSync(stdout, "utf8"));
      },
    });
    return {
      title: "SIGKILL of a worker while another is idle",
      rows: [{ label: "until its chunk is leased again", unit: "ms", values: milliseconds, bound: atMost(250) }],
    };
  },
};
