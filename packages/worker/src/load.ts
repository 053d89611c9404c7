import { aheadSeconds, firstLook, many, mostInFlight } from "./pace.ts";

/** What one slot has to do, as far as rates tell, and how far it should be with it. Times are in milliseconds, and monotonic. */
export class Load {
  /** It has had an assignment. */
  opened = false;
  /** When it began what it is at, or ended the last that it had. Infinite while it is on its way up. */
  #since = 0;
  /** How long each assignment should take, the one that it is at first. Infinite for what was never measured. */
  readonly #expected: number[] = [];

  /** Most assignments at a time, by the size of the last. */
  #most: number = mostInFlight.few;
  /** How soon before its work ends it gets more. */
  #ahead = aheadSeconds * 1000;

  begin(now: number, expected: number, tasks: number, ahead = aheadSeconds): void {
    this.opened = true;
    this.#ahead = ahead * 1000;
    this.#most = tasks < many ? mostInFlight.few : mostInFlight.many;
    if (this.#expected.push(expected) === 1) this.#since = now;
  }

  /** Until {@link up} it has not begun. */
  starting(): void {
    this.#since = Number.POSITIVE_INFINITY;
  }

  up(now: number): void {
    this.#since = now;
  }

  /** Ends what it is at, and tells how long that took. */
  end(now: number): number {
    const took = Math.max(0, now - this.#since);
    this.#expected.shift();
    this.#since = now;
    return took;
  }

  /** Milliseconds until what it is at shows not to be quick; infinite when it has nothing, or is not up. */
  untilSlow(now: number): number {
    return this.#expected.length === 0 ? Number.POSITIVE_INFINITY : this.#since + firstLook - now;
  }

  /** Milliseconds until it takes another assignment; infinite when only the end of one makes room. */
  untilRoom(now: number): number {
    const { length } = this.#expected;
    if (length === 0) return 0;
    // Behind what takes longer than it should, others would wait while slots beside it have nothing to do.
    const late = length > 1 && this.#untilLate(now) <= 0;
    return late || length >= this.#most ? Number.POSITIVE_INFINITY : this.#left(now) - this.#ahead;
  }

  /** Milliseconds until there is work for another slot, if nothing ends: infinite when this one has nothing to do. */
  untilBusy(now: number): number {
    if (this.#expected.length === 0) return Number.POSITIVE_INFINITY;
    return this.#left(now) >= this.#ahead ? 0 : this.#untilLate(now);
  }

  #untilLate(now: number): number {
    return this.#since + (this.#expected[0] ?? 0) + firstLook - now;
  }

  #left(now: number): number {
    const [first = 0, ...behind] = this.#expected;
    return behind.reduce((sum, ms) => sum + ms, Math.max(0, this.#since + first - now));
  }
}
