import { task } from "@skyburst/core";
import type { Market } from "./market.ts";
import { simulatePath } from "./path.ts";

export const simulate = task(import.meta.url, ({ market, seed }: { market: Market; seed: number }) =>
  simulatePath(market, seed),
);
