import { task } from "@skyburst/core";
import type { Car } from "./cars.ts";
import { validate } from "./fold.ts";
import type { Trial } from "./grid.ts";

export const score = task(import.meta.url, ({ cars, settings, fold }: Trial & { cars: readonly Car[] }) =>
  validate(cars, settings, fold),
);
