import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resample } from "../src/bootstrap/resample.ts";
import { readSample } from "../src/bootstrap/sample.ts";
import { bootstrap } from "../src/bootstrap/task.ts";
import { groupChunk } from "../src/chunks/group.ts";
import { readAirports } from "../src/chunks/places.ts";
import { split } from "../src/chunks/split.ts";
import { group } from "../src/chunks/task.ts";
import { readText } from "../src/common/tables.ts";
import { readCars } from "../src/grid-search/cars.ts";
import { validate } from "../src/grid-search/fold.ts";
import { trials } from "../src/grid-search/grid.ts";
import { score } from "../src/grid-search/task.ts";
import { readMarket, SYMBOLS } from "../src/portfolio/market.ts";
import { simulatePath } from "../src/portfolio/path.ts";
import { simulate } from "../src/portfolio/task.ts";

const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "skyburst-examples-"));
});
afterEach(async () => {
  await rm(place, { recursive: true, force: true });
});

// What this process computes, once for all that is compared with it.
const market = readMarket(SYMBOLS);
const paths = SEEDS.map((seed) => simulatePath(market, seed));
const sample = readSample();
const resamples = SEEDS.map((seed) => resample(sample, seed));
const airports = readAirports();
const chunks = split(readText("zipcodes.csv"), 1000).filter((_, chunk) => chunk % 50 === 0);
const groups = chunks.map((csv) => groupChunk(csv, airports));
const cars = readCars();
const scores = trials().map(({ settings, fold }) => validate(cars, settings, fold));

// Equal means equal to the last bit: a worker's numbers are the ones that this process computes.
describe.each([1, 3])("on %i workers", (workers) => {
  const session = () => open({ backend: local(), store: directory(place), workers });

  it("the portfolio's paths are those of one process", async () => {
    await using here = await session();
    const shared = await here.share(market);
    const inputs = SEEDS.map((seed) => ({ market: shared, seed }));
    expect(await here.map(simulate, inputs).values()).toEqual(paths);
  });

  it("the bootstrap's resamples are those of one process", async () => {
    await using here = await session();
    const shared = await here.share(sample);
    const inputs = SEEDS.map((seed) => ({ sample: shared, seed }));
    expect(await here.map(bootstrap, inputs).values()).toEqual(resamples);
  });

  it("the chunks' groups are those of one process", async () => {
    await using here = await session();
    const shared = await here.share(airports);
    const inputs = chunks.map((csv) => ({ csv, airports: shared }));
    expect(await here.map(group, inputs).values()).toEqual(groups);
  });

  it("the grid's scores are those of one process", async () => {
    await using here = await session();
    const shared = await here.share(cars);
    const inputs = trials().map((trial) => ({ ...trial, cars: shared }));
    expect(await here.map(score, inputs).values()).toEqual(scores);
  });
});
