import type { LaunchResult, WorkerStatus } from "../../../backend.ts";
import type { LiveWorker } from "../money/accounts.ts";
import type { Seat } from "./burials.ts";

/** Who starts or runs, and who has ended: each is told of any number of times, and counts once. */
export class Roster {
  /** By the provider's id. */
  readonly #live = new Map<string, LiveWorker>();
  /** Processes beside one of {@link #live} that has the same slot: all but one of them leave by themselves. */
  readonly #doubles = new Set<string>();
  readonly #ended = new Set<string>();
  /** Said to be gone, though their provider does not say so. */
  readonly #givenUp = new Set<string>();

  /** Those that start or run, by the provider's id, in the order in which they were heard of. */
  get live(): ReadonlyMap<string, LiveWorker> {
    return this.#live;
  }

  get everybody(): readonly string[] {
    return [...this.#live.keys(), ...this.#doubles, ...this.#givenUp];
  }

  /** Those that count as gone, and have not ended as far as is known. */
  get givenUp(): readonly string[] {
    return [...this.#givenUp];
  }

  /** The provider answered to a launch. What is started again for a seat that is taken is who sits there now. */
  answered(launch: number, { started, refused }: LaunchResult): void {
    for (const seat of refused) this.#refuse({ launch, slot: seat.slot });
    for (const { slot, id } of started) {
      if (this.#ended.has(id) || this.#live.has(id)) continue;
      const seat = { launch, slot };
      for (const [other, taken] of this.#live) {
        if (!isAmong([taken], seat)) continue;
        this.#live.delete(other);
        this.#doubles.add(other);
      }
      this.#live.set(id, seat);
    }
  }

  /** Seen to start before it was known that it can't work: that it is gone need not be told. */
  #refuse(seat: Seat): void {
    for (const [id, taken] of this.#live) if (isAmong([taken], seat)) this.end(id);
  }

  /** A worker that starts or runs, which somebody else may have launched, or an answer that was lost. */
  join({ id, launch, slot, startedAt }: WorkerStatus): void {
    if (this.#ended.has(id) || this.#givenUp.has(id)) return;
    // A worker that was pending may have started by now.
    if (this.#live.has(id)) return void this.#live.set(id, { launch, slot, startedAt });
    if (isAmong([...this.#live.values()], { launch, slot })) return void this.#doubles.add(id);
    this.#doubles.delete(id);
    this.#live.set(id, { launch, slot, startedAt });
  }

  /** false: that was known. */
  end(id: string): boolean {
    if (this.#ended.has(id)) return false;
    this.#ended.add(id);
    this.#live.delete(id);
    this.#doubles.delete(id);
    this.#givenUp.delete(id);
    return true;
  }

  /** It counts as gone, whatever its provider says. undefined: it is not among those that live. */
  giveUp(id: string): Seat | undefined {
    const seat = this.#live.get(id);
    if (!seat) return undefined;
    this.#live.delete(id);
    this.#givenUp.add(id);
    return seat;
  }
}

export function isAmong(seats: readonly Seat[], { launch, slot }: Seat): boolean {
  return seats.some((other) => other.launch === launch && other.slot === slot);
}
