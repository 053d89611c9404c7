import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { buildPlayer } from "./build.ts";
import { searchBugs } from "./search.ts";
import { Players } from "./players.ts";
import type { Job, Played } from "./player.ts";
import { historyOf } from "./history.ts";

/** Milliseconds. Of the last, one in ten thousand takes thirty times as long as they do in the mean. */
const makespans = [
  { mean: 1000, sigma: 0.5 },
  { mean: 5000, sigma: 0.5 },
  { mean: 5000, sigma: 1 },
] as const;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    bugs: { type: "boolean", default: false },
    bug: { type: "string" },
    budget: { type: "boolean", default: false },
    makespan: { type: "boolean", default: false },
    waves: { type: "boolean", default: false },
    money: { type: "boolean", default: false },
    replay: { type: "boolean", default: false },
    processes: { type: "string", default: String(Math.min(2, availableParallelism())) },
  },
});

/** Each history with a budget. */
const ofMoney = values.money ? { mode: { kind: "money" } as const } : {};
const processes = Math.max(1, number("processes"));
if (values.bugs || values.replay || (values.bug !== undefined && values.seed === undefined))
  process.exitCode = await searchBugs({
    only: values.bug,
    seeds: values.seeds === "1000" ? 2000 : number("seeds"),
    replay: values.replay,
    processes,
    tell: (line) => console.log(line),
  });
else if (values.budget)
  for (const { scenario } of await collect([{ seed: 1, mode: { kind: "budget" } }])) console.log(scenario);
else if (values.makespan) await measureMakespans();
else if (values.waves) await measureWaves();
else if (values.seed !== undefined) await playOne(number("seed"));
else await playMany(number("from"), number("seeds"));

/** Room that comes and goes, over some seeds. */
async function measureWaves(): Promise<void> {
  const seeds = values.seeds === "1000" ? 20 : number("seeds");
  const jobs = Array.from({ length: seeds }, (_, n): Job => ({ seed: number("from") + n, mode: { kind: "waves" } }));
  await tellEach(jobs);
}

/** Each place, with tasks of each length, over some seeds. */
async function measureMakespans(): Promise<void> {
  const seeds = values.seeds === "1000" ? 3 : number("seeds");
  const jobs = (["directory", "S3"] as const).flatMap((place) =>
    makespans.flatMap((tasks) =>
      Array.from({ length: seeds }, (_, n): Job => ({
        seed: number("from") + n,
        mode: { kind: "makespan", place, ...tasks },
      })),
    ),
  );
  await tellEach(jobs);
}

async function tellEach(jobs: readonly Job[]): Promise<void> {
  const player = new Players(await buildPlayer("player"), processes);
  await player.play(jobs[Symbol.iterator](), ({ scenario }) => {
    console.log(scenario);
    return true;
  });
  player.end();
}

async function playOne(seed: number): Promise<void> {
  const [played] = await collect([{ seed, trace: true, bug: values.bug, ...ofMoney }]);
  if (!played) return;
  if (values.trace) console.log(played.trace.join("\n"));
  console.log(played.scenario);
  console.log(
    played.violations.length > 0
      ? `\n${played.violations.join("\n")}\n\n${historyOf(played)}`
      : `\nSeed ${seed}: nothing is broken, after ${Math.round(played.elapsed / 1000)} s of virtual time.`,
  );
  process.exitCode = played.violations.length > 0 ? 1 : 0;
}

async function playMany(from: number, count: number): Promise<void> {
  const began = performance.now();
  let broken = 0;
  let done = 0;
  const player = new Players(await buildPlayer("player"), processes);
  function* jobs(): Generator<Job> {
    for (let seed = from; seed < from + count; seed++) yield { seed, ...ofMoney };
  }
  await player.play(jobs(), ({ seed, violations }) => {
    if (++done % 10_000 === 0) console.log(`${done} seeds: ${broken} broken, ${seconds(began)} s.`);
    if (violations.length === 0) return true;
    broken++;
    console.log(
      `seed ${seed}: ${violations.length} violations; the first: ${violations[0]?.split("\n").slice(0, 3).join(" | ")}`,
    );
    return true;
  });
  player.end();
  console.log(`${count} seeds from ${from} on: ${broken} broken, ${seconds(began)} s.`);
  process.exitCode = broken > 0 ? 1 : 0;
}

async function collect(jobs: readonly Job[]): Promise<Played[]> {
  const all: Played[] = [];
  const player = new Players(await buildPlayer("player"), 1);
  await player.play(jobs[Symbol.iterator](), (played) => all.push(played) > 0);
  player.end();
  return all;
}

function number(name: "seed" | "seeds" | "from" | "processes"): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 0)
    throw new TypeError(`--${name} is ${values[name]}; it has to be a whole number.`);
  return value;
}

function seconds(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}
