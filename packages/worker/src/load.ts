import { aheadSeconds, firstLook, many, mostInFlight, shortSeconds } from "./pace.ts";

/** What one slot has to do, as far as rates tell, and how far it should be with it. Times are in milliseconds, and monotonic. */
export class Load {
  /** It has had an assignment. */
  opened = false;
  /** When it began what it is at, or ended the last that it had. Infinite while it is on its way up. */
  #since = 0;
  /** What it has, the one that it is at first. */
  readonly #items: Item[] = [];

  /** Most assignments at a time, by the size of the last. */
  #most: number = mostInFlight.few;
  /** How soon before its work ends it gets more. */
  #ahead = aheadSeconds * 1000;

  /** @param expected How long it should take; infinite for what was never measured. */
  begin(now: number, expected: number, tasks: number, ahead = aheadSeconds): Item {
    this.opened = true;
    this.#ahead = ahead * 1000;
    this.#most = tasks < many ? mostInFlight.few : mostInFlight.many;
    const item = { expected };
    if (this.#items.push(item) === 1) this.#since = now;
    return item;
  }

  /** Whether one waits behind another, so that it could be given to somebody else. */
  get queues(): boolean {
    return this.#items.length > 1;
  }

  get empty(): boolean {
    return this.#items.length === 0;
  }

  /** Until {@link up} it has not begun. */
  starting(): void {
    this.#since = Number.POSITIVE_INFINITY;
  }

  up(now: number): void {
    this.#since = now;
  }

  /** Ends one, and tells how long that took: no time at all when it was withdrawn before its turn came. */
  end(now: number, item: Item): number {
    const place = this.#items.indexOf(item);
    this.#items.splice(place, 1);
    if (place > 0) return 0;
    const took = Math.max(0, now - this.#since);
    this.#since = now;
    return took;
  }

  /** Milliseconds until what it is at shows not to be quick; infinite when it has nothing, or is not up. */
  untilSlow(now: number): number {
    return this.empty ? Number.POSITIVE_INFINITY : this.#since + firstLook - now;
  }

  /** Milliseconds until it takes another assignment; infinite when only the end of one makes room. */
  untilRoom(now: number): number {
    const { length } = this.#items;
    if (length === 0) return 0;
    // Behind what takes longer than it should, others would wait while slots beside it have nothing to do.
    const late = length > 1 && this.#untilLate(now) <= 0;
    if (late || length >= this.#most) return Number.POSITIVE_INFINITY;
    return this.#isShort() ? 0 : this.#left(now) - this.#ahead;
  }

  /** Milliseconds until there is work for another slot, if nothing ends: infinite when this one has nothing to do. */
  untilBusy(now: number): number {
    if (this.empty) return Number.POSITIVE_INFINITY;
    return this.#left(now) >= this.#ahead ? 0 : this.#untilLate(now);
  }

  #untilLate(now: number): number {
    return this.#since + (this.#items[0]?.expected ?? 0) + firstLook - now;
  }

  /** All that it has. */
  #isShort(): boolean {
    let sum = 0;
    for (const { expected } of this.#items) sum += expected;
    return sum <= shortSeconds * 1000;
  }

  #left(now: number): number {
    const [first, ...behind] = this.#items;
    return behind.reduce(
      (sum, { expected }) => sum + expected,
      Math.max(0, this.#since + (first?.expected ?? 0) - now),
    );
  }
}

/** One assignment: how many milliseconds it should take. */
interface Item {
  readonly expected: number;
}
