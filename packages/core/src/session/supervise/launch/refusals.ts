import type { LaunchResult, Refusal } from "../../../backend.ts";
import type { Refused } from "../../../plan-fleet-observation.ts";
import type { Runtime } from "../../../runtime.ts";

/** Wait after a refusal that does not say how long, doubled each time, up to half a period, since a launch takes its time, too; milliseconds. */
const firstWait = 500;

/**
 * What a provider does not give now, and how to find out that it does again: one worker is asked for, and after each launch of which
 * nothing is refused twice as many, at once. So what has become free is taken within one period, and what is not free costs little.
 */
export class Refusals {
  readonly #runtime: Runtime;
  /** Longest wait between two tries, in milliseconds; a provider may ask for a longer one. */
  readonly #period: number;
  #state: State | undefined;

  constructor(runtime: Runtime, period: number) {
    this.#runtime = runtime;
    this.#period = period;
  }

  /** What the last launch that was refused came to; undefined: none was since all was given. */
  get newest(): State | undefined {
    return this.#state;
  }

  /** For the plan. @param free Workers that the provider says it could start, where it says it. */
  observe(free: number | undefined): Refused | undefined {
    const state = this.#state;
    if (!state) return undefined;
    const { kind, refused, asked, probe } = state;
    const wait =
      free !== undefined && free > 0 && !state.demanded ? 0 : Math.max(0, state.until - this.#runtime.monotonic());
    return { kind, refused, asked, probe, wait };
  }

  /** A launch of this many workers was answered. @param more More are wanted than were asked for. @param ago Milliseconds since then. */
  judge(asked: number, { started, refused }: LaunchResult, more: boolean, ago = 0): void {
    const [first] = refused;
    if (!first) return this.#accepted(asked, more);
    const inARow = started.length > 0 ? 0 : (this.#state?.inARow ?? 0);
    const demanded = refused.flatMap(({ retryAfter }) => retryAfter ?? []);
    const wait =
      demanded.length > 0
        ? Math.max(firstWait, Math.min(...demanded))
        : Math.min(firstWait * 2 ** inARow, this.#period / 2);
    this.#state = {
      kind: first.kind,
      message: first.message,
      refused: refused.length,
      asked,
      probe: 1,
      until: this.#runtime.monotonic() + wait - ago,
      demanded: demanded.length > 0,
      inARow: inARow + 1,
    };
  }

  /** A worker ended: what it had is free, unless the provider wants to be left alone. */
  freed(): void {
    const state = this.#state;
    if (state && !state.demanded) this.#state = { ...state, until: Number.NEGATIVE_INFINITY };
  }

  #accepted(asked: number, more: boolean): void {
    const state = this.#state;
    if (!state) return;
    if (!more) this.#state = undefined;
    else this.#state = { ...state, probe: asked * 2, inARow: 0, until: Number.NEGATIVE_INFINITY, demanded: false };
  }
}

interface State {
  readonly kind: Refusal["kind"];
  readonly message: string;
  readonly refused: number;
  readonly asked: number;
  /** As many as to ask for next. */
  readonly probe: number;
  /** On our own clock. */
  readonly until: number;
  /** The provider said how long to wait. */
  readonly demanded: boolean;
  /** Launches of which nothing was started. */
  readonly inARow: number;
}
