import { readFileSync } from "node:fs";
import type { Usage } from "@skyburst/core/protocol";
import { alternate, ratios } from "../alternate.ts";
import { checkStore } from "../check.ts";
import { atMost } from "../figure.ts";
import type { Bench, Figure } from "../figure.ts";
import { node, program, run } from "../program.ts";

interface Told {
  readonly sum: number;
  readonly succeeded: number;
  readonly client: Usage;
  readonly workers: readonly Usage[];
}

/** Requests to the store for a task that does nothing, by client and workers, everything included. */
export const operations: Figure = {
  name: "operations",
  async measure(bench) {
    const count = bench.size(200_000, 2000);
    const { requests } = await alternate(bench.repeat, {
      requests: async () => {
        const { client, workers } = (await session(bench, "process", count)).told;
        return [client, ...workers].map(total).reduce((sum, one) => sum + one, 0);
      },
    });
    const values = requests.map((sum) => sum / count);
    return {
      title: `No-op map by the API, ${count.toLocaleString("en")} inputs: requests to the store`,
      rows: [{ label: "client and workers together", unit: "per task", values, bound: atMost(0.008) }],
    };
  },
};

/** What it costs to survive a power cut as well, which is a matter of the disk. */
export const durable: Figure = {
  name: "durable",
  async measure(bench) {
    const count = bench.size(200_000, 2000);
    const found = await alternate(bench.repeat, {
      process: async () => (await session(bench, "process", count)).seconds,
      power: async () => (await session(bench, "power", count)).seconds,
    });
    return {
      title: `No-op map by the API, ${count.toLocaleString("en")} inputs: what it survives`,
      rows: [
        { label: 'durable: "process"', unit: "s", values: found.process },
        { label: 'durable: "power"', unit: "s", values: found.power },
        { label: '"power" takes', unit: "×", values: ratios(found.power, found.process) },
      ],
    };
  },
};

async function session(bench: Bench, durability: string, count: number): Promise<{ seconds: number; told: Told }> {
  const place = bench.places.next(durability);
  const { seconds, stdout } = await run(node(program("session"), durability, String(count)), { place });
  const told = JSON.parse(readFileSync(stdout, "utf8")) as Told;
  if (told.succeeded !== count || told.sum !== (count * (count - 1)) / 2)
    throw new Error(`${stdout} holds other results.`);
  await checkStore(place, count);
  return { seconds, told };
}

function total({ create, get, list, put, delete: deletes }: Usage): number {
  return create + get + list + put + deletes;
}
