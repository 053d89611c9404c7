import { listAll } from "../../protocol/facts.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { Place } from "../place.ts";
import type { Found } from "./found.ts";
import type { Told } from "./told.ts";
import { workerName } from "./worker-name.ts";

/**
 * Entries of the ledger that were not told. One LIST. The ledger is read up to them: what is leased of what they name is known
 * then.
 */
export async function findEntries({ facts, keys, view }: Place, told: Told): Promise<Found[]> {
  const after = told.entries === 0 ? undefined : keys.manifest(told.entries - 1);
  const found = await numbered(facts, keys.manifests, after, "entry");
  if (told.entries + found.length - 1 > view.current.rev) await view.follow();
  return found;
}

/** What is new of workers and of who supervises. What follows from something is listed before that, which is then listed too. */
export async function findFleet({ facts, keys }: Place, told: Told): Promise<Found[]> {
  const { launches, supervisors, answers } = told;
  const gones = await named(facts, keys.gones, told.gones, "gone");
  const exits = await named(facts, keys.exits, told.exits, "exit");
  const births = await named(facts, keys.births, told.births, "birth");
  const answered = await numbered(facts, keys.answers, afterAnswers(keys, told), "answer");
  const decided = await numbered(
    facts,
    keys.launches,
    launches === 0 ? undefined : keys.launch(launches - 1),
    "launch",
  );
  const newest = supervisors === 1 ? undefined : keys.supervisor(supervisors - 1);
  const took = await numbered(facts, keys.supervisors, newest, "supervisor");
  const launched = new Map(decided.map(({ id, order }) => [id, order]));
  // A successor answers a launch of the one before, perhaps behind its own.
  const news = answered.filter(({ id }) => !answers.has(id)).map((answer) => behind(answer, launched.get(answer.id)));
  const born = births.map((birth) => behind(birth, launched.get(Number.parseInt(birth.id, 10))));
  const lives = new Map(born.map(({ id, order }) => [workerName(id), order]));
  return [
    ...took,
    ...decided,
    ...news,
    ...born,
    // A process may be reported as ended before the birth that it asked for is written.
    ...exits.map((exit) => behind(exit, launched.get(Number.parseInt(exit.id, 10)))),
    ...gones.map((gone) => behind(gone, lives.get(workerName(gone.id)))),
  ];
}

/** A clock that went back does not bring what follows before what it follows from. */
function behind<Fact extends { readonly at: number; readonly order: number }>(fact: Fact, cause = fact.at): Fact {
  return { ...fact, order: Math.max(fact.at, cause) };
}

/** Launches are answered one after the other but for those that a successor answers later. */
function afterAnswers(keys: Place["keys"], { answers, launches }: Told): string | undefined {
  let first = 0;
  while (first < launches && answers.has(first)) first++;
  return first === 0 ? undefined : keys.launched(first - 1);
}

/** Written one after the other: a clock that went back between two of them changes nothing of that. */
async function numbered<Kind extends "entry" | "launch" | "answer" | "supervisor">(
  facts: Facts,
  prefix: string,
  after: string | undefined,
  kind: Kind,
) {
  let order = Number.NEGATIVE_INFINITY;
  const { entries } = await listAll(facts, prefix, { after });
  return entries.map(({ key, modified }) => {
    order = Math.max(order, modified);
    return { kind, id: Number(key.slice(prefix.length)), at: modified, order };
  });
}

async function named<Kind extends "birth" | "exit" | "gone">(
  facts: Facts,
  prefix: string,
  told: ReadonlySet<string>,
  kind: Kind,
) {
  const { entries } = await listAll(facts, prefix);
  const news = entries.map(({ key, modified }) => ({ id: key.slice(prefix.length), modified }));
  return news
    .filter(({ id }) => !told.has(id))
    .map(({ id, modified }) => ({ kind, id, at: modified, order: modified }));
}
