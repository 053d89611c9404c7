import { readFileSync } from "node:fs";
import type { StoreRequests } from "@skyburst/core";
import { alternate, ratios } from "../alternate.ts";
import { checkStore } from "../check.ts";
import { atMost } from "../figure.ts";
import type { Bench, Figure, Row } from "../figure.ts";
import { node, program, run } from "../program.ts";

type Order = "ordered" | "finished";

interface Told {
  readonly sum: number;
  readonly succeeded: number;
  readonly requests: StoreRequests;
}

/** Requests to the store for a task that does nothing, by client and workers, everything included. */
export const operations: Figure = {
  name: "operations",
  async measure(bench) {
    const count = bench.size(200_000, 2000);
    const found = await alternate(bench.repeat, {
      ordered: () => requests(bench, "ordered", count),
      finished: () => requests(bench, "finished", count),
    });
    const row = (label: string, sums: readonly number[]): Row => {
      return { label, unit: "per task", values: sums.map((sum) => sum / count), bound: atMost(0.008) };
    };
    return {
      title: `No-op map by the API, ${count.toLocaleString("en")} inputs: requests of client and workers to the store`,
      rows: [row("outcomes in input order", found.ordered), row("outcomes as they finish", found.finished)],
    };
  },
};

async function requests(bench: Bench, order: Order, count: number): Promise<number> {
  const { told } = await session(bench, "process", order, count);
  return Object.values(told.requests).reduce((sum, one) => sum + one, 0);
}

/** What it costs to survive a power cut as well, which is a matter of the disk. */
export const durable: Figure = {
  name: "durable",
  async measure(bench) {
    const count = bench.size(200_000, 2000);
    const found = await alternate(bench.repeat, {
      process: async () => (await session(bench, "process", "ordered", count)).seconds,
      power: async () => (await session(bench, "power", "ordered", count)).seconds,
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

async function session(
  bench: Bench,
  durability: string,
  order: Order,
  count: number,
): Promise<{ seconds: number; told: Told }> {
  const place = bench.places.next(durability);
  const { seconds, stdout } = await run(node(program("session"), durability, order, String(count)), { place });
  const told = JSON.parse(readFileSync(stdout, "utf8")) as Told;
  if (told.succeeded !== count || told.sum !== (count * (count - 1)) / 2)
    throw new Error(`${stdout} holds other results.`);
  await checkStore(place, count);
  return { seconds, told };
}
