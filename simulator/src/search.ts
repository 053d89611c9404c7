import { readFile, writeFile } from "node:fs/promises";
import { buildPlayer } from "./build.ts";
import { bugs } from "./bugs.ts";
import { Players } from "./players.ts";
import type { Job, Played } from "./player.ts";

const record = new URL("../bugs.json", import.meta.url);

interface SearchOptions {
  /** Only this bug. */
  readonly only: string | undefined;
  readonly seeds: number;
  /** Plays the recorded seeds and nothing else. */
  readonly replay: boolean;
  readonly processes: number;
  /** Hears of each bug. */
  readonly tell: (line: string) => void;
}

/**
 * Looks for a seed that shows each bug, and records it. A bug that the recorded seed still shows is not searched again.
 *
 * @returns 0 when every bug was found.
 */
export async function searchBugs({ only, seeds, replay, processes, tell }: SearchOptions): Promise<number> {
  const known = JSON.parse(await readFile(record, "utf8")) as Record<string, number>;
  const names = Object.keys(bugs).filter((name) => only === undefined || name === only);
  let failed = names.length === 0;
  const left = names[Symbol.iterator]();
  const one = async () => {
    for (const name of left) {
      const found = await search(name, [...(name in known ? [known[name] ?? 0] : []), ...upTo(replay ? 0 : seeds)]);
      if (found) known[name] = found.seed;
      else failed = true;
      tell(
        `${name}: ${found ? `seed ${found.seed}: ${found.violations[0]?.trim().split("\n")[0]?.slice(0, 160)}` : "NOT FOUND"}`,
      );
    }
  };
  await Promise.all(Array.from({ length: processes }, one));
  if (!replay) await writeFile(record, `${JSON.stringify(sorted(known), undefined, 2)}\n`);
  return failed ? 1 : 0;
}

async function search(name: string, seeds: readonly number[]): Promise<Played | undefined> {
  const { patches } = bugs[name] ?? {};
  const file = await buildPlayer(patches ? name.replaceAll(/\W+/g, "-") : "player", patches);
  let found: Played | undefined;
  const jobs: Job[] = seeds.map((seed) => ({ seed, bug: name }));
  await new Players(file, 1).play(jobs[Symbol.iterator](), (played) => {
    if (played.violations.length > 0) found = played;
    return found === undefined;
  });
  return found;
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n + 1);
}

function sorted(seeds: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.keys(bugs).flatMap((name) => (name in seeds ? [[name, seeds[name] ?? 0]] : [])));
}
