import { beforeAll, expect, test } from "vitest";
import { played } from "./play.ts";

interface Job {
  readonly text: string;
  readonly place: string;
  readonly sigma: number;
  readonly ratio: number;
  readonly oneByOne: number;
}

let jobs: readonly Job[] = [];

beforeAll(async () => {
  const lines = (await played("--makespan", "--seeds", "1")).split("\n").slice(0, -1);
  jobs = lines.map((text) => {
    const [, place = "", sigma, ratio, oneByOne] =
      /^(\w+), .*sigma ([\d.]+).*?: ([\d.]+) x the ideal: .*one by one ([\d.]+) x/.exec(text) ?? [];
    return { text, place, sigma: Number(sigma), ratio: Number(ratio), oneByOne: Number(oneByOne) };
  });
}, 600_000);

test.each([
  ["directory", 1.15],
  ["S3", 1.25],
])("10,000 tasks of uneven length on 100 workers of uneven speed take %s at most %d times the ideal", (place, most) => {
  const measured = jobs.filter((job) => job.place === place && job.sigma === 0.5);
  expect(measured.length).toBe(2);
  expect(measured.filter(({ ratio }) => ratio > most)).toEqual([]);
});

// One of them may take thirty times as long as most: nobody who does not know which does better than to hand out one at a time.
test("tasks of very uneven length take at most a quarter more than if each were handed out alone, for nothing", () => {
  const measured = jobs.filter(({ sigma }) => sigma === 1);
  expect(measured.length).toBe(2);
  expect(measured.filter(({ ratio, oneByOne }) => ratio > oneByOne * 1.25)).toEqual([]);
});
