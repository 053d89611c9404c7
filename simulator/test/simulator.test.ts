import { beforeAll, describe, expect, test } from "vitest";
import seeds from "../bugs.json" with { type: "json" };
import { buildPlayer } from "../src/build.ts";
import { Players } from "../src/players.ts";
import { played } from "./play.ts";

// Fresh ones each day, and far more by `pnpm simulate`: what a seed has found is kept below. The run says from which seed it began.
test("150 fresh seeds keep the protocol", { timeout: 600_000 }, async () => {
  const from = Math.floor(Date.now() / 86_400_000) * 1000;
  expect(await played("--seeds", "150", "--from", String(from))).toMatch(
    new RegExp(`^150 seeds from ${from} on: 0 broken, [\\d.]+ s\\.\\n$`),
  );
});

// Each shows a fault of the protocol's code that was there once.
const once = [
  [2, "a hint that could not be written ended who follows logs"],
  [9, "a provider that did not answer once ended every map"],
  [30, "the rest of a log was written behind its end mark and its commit"],
  [39, "a loop over outcomes whose session closed meanwhile ended as if all were told"],
  [278, "workers that the provider forgot were waited for for ever"],
  [564, "a status counted a commit as successful whose mark it had not listed"],
  [568, "a status told less than one before it: it took a loser's mark for the turn's, after the next turn had begun"],
  [925, "a turn was taken over, and run again, that its owner had ended before it left"],
  [1503, "a client frozen for five minutes blamed its store"],
  [11183, "a worker that looked for work for long was taken for lost"],
  [31990, "a turn leased as the notice came kept its worker awake for its whole grace time"],
  [120050, "a status of a paused session believed the mark of an owner that died before its commit"],
  [103091, "who reads outcomes waited ten times as long for each chunk, of a store with short pages"],
  [115483, "a client that was frozen within a look at outcomes slept ten times as long once more"],
  [81324, "a worker that lost one claim after the other from an old page beat no more, and was taken for lost"],
  [38, "a retry of single tasks forgot, when its turn was taken over, what it did not name"],
  [366, "a map told a task twice that was retried while it ran"],
  [905, "a worker that gave back what it had at a deadline looked for work a thousand times a second"],
  [58, "a worker of a removed session looked for work a thousand times a second"],
  [135, "a map of a removed session waited for ever"],
  [5052, "a map asked for a commit of a removed session again and again"],
  [5005, "a removal ended with the first delete that the store refused"],
  [5325, "a client leased what it cancelled in a session of which it had read that it is removed"],
  [8099, "a worker leased the next turn in a session of which it had read that it is removed"],
  [183, "a cancelled submission whose client had left had no end"],
  [1969, "a daemon waited for ever for the first submission of a session with an idle timeout"],
  [211028, "a worker ended, again and again, a session to which nothing was submitted yet"],
  [
    212909,
    "workers that ended what was cancelled left at a horizon that had passed, and others were launched without end",
  ],
  [8119, "who read events anew was told more of a commit that a lost owner had marked meanwhile"],
  [8838, "a client that closed while a launch was on its way left its worker behind"],
  [20778552, "workers that took minutes to start were taken for lost when they had just come to work"],
  [1002952, "a client that cancelled leased a chunk though it had just read that the session was removed"],
  [1003287, "who took its own place once more forgot for how long the provider wanted to be left alone"],
  [1006683, "who took its own place once more forgot that there had been no room, and asked for all that it wanted"],
  [9710936, "who took a supervisor's place took an old answer for the newest, since the store's clock had gone back"],
  [1003136, "who follows events was told of a takeover in vain that was younger than what it had listed"],
] as const;

// Each was judged wrong once.
const misjudged = [
  [1000293, "deaths for want of memory are silence to workers, where nobody supervises who could tell them"],
  [1001289, "whom workers stood in with still tells of their ends when they are gone"],
  [20780099, "who takes the supervisor's place anew has forgotten what room it was told of before"],
  [1002002, "whom workers stood in with still has its last word to say when they are gone"],
  [9500193, "who closed slowly had left its workers to what was resumed meanwhile, which was done before it was gone"],
  [12000090, "whose call to launch is on the way when it is killed has decided on that launch"],
] as const;

describe("of seeds that found a fault", () => {
  const violations = new Map<number, readonly string[]>();

  beforeAll(async () => {
    const players = new Players(await buildPlayer("player"), 2);
    const jobs = [...once, ...misjudged].map(([seed]) => ({ seed }));
    await players.play(
      jobs[Symbol.iterator](),
      (history) => violations.set(history.seed, history.violations) !== undefined,
    );
    players.end();
  }, 600_000);

  test.each(once)("seed %i keeps the protocol: %s", (seed) => {
    expect(violations.get(seed)).toEqual([]);
  });

  test.each(misjudged)("seed %i is no fault: %s", (seed) => {
    expect(violations.get(seed)).toEqual([]);
  });
});

test("the same seed gives the same history", async () => {
  expect(await played("--seed", "21", "--trace")).toBe(await played("--seed", "21", "--trace"));
});

test("finds what breaks when a rule of the protocol is left out", { timeout: 600_000 }, async () => {
  const found = await played("--replay");
  expect(found).not.toContain("NOT FOUND");
  expect(found.match(/: seed \d+: /g)?.length).toBe(Object.keys(seeds).length);
});

test("10,000 tasks of one second on 100 workers take at most 0.19 requests each, all of everybody's counted", async () => {
  const told = await played("--budget");
  expect(Number(/ ([\d.]+) per task/.exec(told)?.[1])).toBeLessThanOrEqual(0.19);
  // Opening a session takes three writes, the submission one for its inputs and the entry that they ride behind, a launch two, a last
  // word one, and what is heard at a time of the ends of workers that cost something one; beside them the client only says now and then that it lives.
  const client = JSON.parse(/^client: (.*)$/m.exec(told)?.[1] ?? "{}") as { readonly create: number };
  expect(client.create).toBeLessThanOrEqual(3 + 1 + 2 + 1 + 5);
});
