import { readFile, writeFile } from "node:fs/promises";
import { buildPlayer } from "./build.ts";
import { bugs } from "./bugs.ts";
import { Players } from "./players.ts";
import type { Job, Played } from "./player.ts";

/** Seeds that are recorded of a bug: a change of the code may make another history of one of them. */
const kept = 3;

/** Seeds that are played when a replay finds that no recorded one shows its bug any more. */
const fallback = 600;

/** Processor time after which a seed is no good to show a bug, in milliseconds: most take a hundredth of it. */
const longest = 30_000;

const record = new URL("../bugs.json", import.meta.url);

interface SearchOptions {
  /** Only this bug. */
  readonly only: string | undefined;
  readonly seeds: number;
  /** Plays the recorded seeds, others only where none of them shows its bug any more, and records nothing. */
  readonly replay: boolean;
  readonly processes: number;
  /** Hears of each bug. */
  readonly tell: (line: string) => void;
}

/**
 * Looks for seeds that show each bug, and records them; those recorded before come first.
 *
 * @returns 0 when every bug was found.
 */
export async function searchBugs({ only, seeds, replay, processes, tell }: SearchOptions): Promise<number> {
  const known = JSON.parse(await readFile(record, "utf8")) as Record<string, number[]>;
  const names = Object.keys(bugs).filter((name) => only === undefined || name === only);
  let failed = names.length === 0;
  const left = names[Symbol.iterator]();
  // For all bugs that are no other code.
  const plain = new Players(await buildPlayer("player"), 1, longest);
  const one = async () => {
    for (const name of left) {
      const recorded = known[name] ?? [];
      const { patches } = bugs[name] ?? {};
      const players = patches
        ? new Players(await buildPlayer(name.replaceAll(/\W+/g, "-"), patches), 1, longest)
        : plain;
      const found = await search(players, name, [...recorded, ...upTo(replay ? fallback : seeds)], replay ? 1 : kept);
      if (players !== plain) players.end();
      if (found.length === 0) failed = true;
      else if (!replay) {
        known[name] = found.map(({ seed }) => seed);
        await writeFile(record, `${JSON.stringify(sorted(known), undefined, 2)}\n`);
      }
      const [first] = found;
      tell(
        `${name}: ${first ? `seed ${first.seed}: ${first.violations[0]?.trim().split("\n")[0]?.slice(0, 160)}` : "NOT FOUND"}`,
      );
    }
  };
  await Promise.all(Array.from({ length: processes }, one));
  plain.end();
  return failed ? 1 : 0;
}

/** @param most Seeds that are enough. */
async function search(players: Players, name: string, seeds: readonly number[], most: number): Promise<Played[]> {
  const found: { readonly played: Played; readonly took: number }[] = [];
  const jobs: Job[] = [...new Set(seeds)].map((seed) => ({ seed, bug: name, untilBroken: true }));
  let began = performance.now();
  await players.play(jobs[Symbol.iterator](), (played) => {
    const now = performance.now();
    if (played.violations.length > 0 && !played.unfinished) found.push({ played, took: now - began });
    began = now;
    return found.length < most;
  });
  // Whoever plays them again begins with the one that is shown soonest.
  return found.sort((a, b) => a.took - b.took).map(({ played }) => played);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n + 1);
}

function sorted(seeds: Readonly<Record<string, number[]>>): Record<string, number[]> {
  return Object.fromEntries(Object.keys(bugs).flatMap((name) => (name in seeds ? [[name, seeds[name] ?? []]] : [])));
}
