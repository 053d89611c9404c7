import { task } from "@skyburst/core";
import { resample } from "./resample.ts";
import type { Sample } from "./sample.ts";

export const bootstrap = task(import.meta.url, ({ sample, seed }: { sample: Sample; seed: number }) =>
  resample(sample, seed),
);
