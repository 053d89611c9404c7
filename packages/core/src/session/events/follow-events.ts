import type { EventOptions } from "../attached.ts";
import { Attendance } from "../collect/attendance.ts";
import { stopIfPaused } from "../collect/follow-reading.ts";
import type { Place } from "../place.ts";
import { mayLive, readPresence } from "../status/presence.ts";
import type { SessionEvent } from "./event.ts";
import { isAllTold } from "./find-work.ts";
import type { Told } from "./told.ts";

export interface FollowedEvents {
  readonly place: Place;
  readonly told: Told;
  /** Tells what is new. Returns how many facts that were. */
  readonly look: () => AsyncGenerator<SessionEvent, number>;
  /** What keeps this process from having workers, if it should have some. */
  readonly failure?: (() => unknown) | undefined;
}

/**
 * Looks again and again until the session is over, or paused, and nobody works on it any more: the last words of its workers are
 * told as well. Without `wait`, once.
 */
export async function* followEvents(
  { place, told, look, failure }: FollowedEvents,
  { wait = false, signal }: Pick<EventOptions, "wait" | "signal">,
): AsyncGenerator<SessionEvent> {
  const { runtime, view, client } = place;
  const { shortest, longest } = waits(place);
  const attendance = new Attendance(place, client);
  const rest = new Rest(place, told);
  for (let quiet = 0; ; quiet++) {
    signal?.throwIfAborted();
    const began = runtime.monotonic();
    const found = yield* look();
    // Behind that word objects are deleted: what is missing from now on is no news.
    if (!wait || view.current.removed) return;
    if (found > 0) {
      quiet = 0;
      attendance.heard();
    } else {
      const over = isOver(place, told);
      if ((over || view.current.paused) && (await rest.hasCome())) {
        if (over) return;
        stopIfPaused(view.current);
      }
      const because = failure?.();
      if (because !== undefined) throw because;
      // Who keeps up the workers itself needs not be told that somebody is there.
      if (told.supervisor !== client) await attendance.check();
      if (isSeldom(quiet)) await view.confirm();
    }
    // A look is some requests, and takes from those who work: a tenth of the time is enough for it.
    const took = runtime.monotonic() - began;
    await runtime.sleep(Math.min(Math.max(shortest * 1.3 ** Math.min(quiet, 50), took * 10), longest), signal);
  }
}

/** Shortest and longest wait between two looks. Nobody wants to read of what happens sooner than in a twentieth of a second. */
function waits({ facts }: Place): { readonly shortest: number; readonly longest: number } {
  const [first, last] = facts.store.pace.poll;
  return { shortest: Math.min(Math.max(first, 50), last), longest: Math.min(Math.max(1000, first * 10), last) };
}

/** Nothing will be added, and every task has the outcome that it keeps. */
function isOver({ view }: Place, told: Told): boolean {
  const { submissions, cancelled } = view.current;
  if (submissions.length === 0) return cancelled;
  return submissions.every(({ ended }) => ended) && isAllTold(view.current, told.chunks);
}

/** Whether all workers have gone, or fell silent for a whole TTL. */
class Rest {
  readonly #place: Place;
  readonly #told: Told;
  #lookAt = Number.NEGATIVE_INFINITY;

  constructor(place: Place, told: Told) {
    this.#place = place;
    this.#told = told;
  }

  async hasCome(): Promise<boolean> {
    const { facts, keys, runtime, view } = this.#place;
    const { ttl } = view.current.session;
    // Who supervises hears of a worker's end behind its last word, and says then what the provider told.
    if (!this.#told.anybody) return (await facts.now()) - this.#told.newest >= ttl / 10;
    const now = runtime.monotonic();
    if (now < this.#lookAt) return false;
    this.#lookAt = now + ttl / 4;
    const presence = await readPresence(facts, keys, ttl);
    return !presence.workers.some((worker) => mayLive(worker, presence, ttl, this.#told.newest));
  }
}

/** 16, 32, 64, … looks in vain: what is looked for may be there no more. */
function isSeldom(quiet: number): boolean {
  return quiet >= 16 && (quiet & (quiet - 1)) === 0;
}
