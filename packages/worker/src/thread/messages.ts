import type { BoardMemory } from "./board.ts";
import type { ErrorJson, Finished, Slice } from "./slice.ts";

/** What a thread is started with. */
export interface ThreadStart {
  readonly board: BoardMemory;
}

/** From the slot to its thread. Slices are numbered from 1, over all lives of the slot's thread. */
export type ToThread =
  | {
      readonly kind: "run";
      readonly number: number;
      readonly slice: Slice;
      /** Memory for results. */
      readonly spares: readonly ArrayBuffer[];
    }
  /** Lets the signals of what runs fire: of all, because of a cancel, or of the one task that is over its time. */
  | { readonly kind: "abort"; readonly number: number }
  | { readonly kind: "overdue"; readonly number: number; readonly position: number; readonly warning: number }
  | {
      readonly kind: "shared";
      readonly sha256: string;
      readonly bytes: Uint8Array | undefined;
      readonly problem: string;
    };

export type FromThread =
  /** `clock`: what to add to the thread's `performance.now()` to get `sharedNow()`. */
  | { readonly kind: "ready"; readonly clock: number }
  | { readonly kind: "post"; readonly post: Post }
  | { readonly kind: "share"; readonly sha256: string };

/** What came to be since the post before. */
export interface Post {
  readonly slice: number;
  /** That of the board, which this post ends. */
  readonly generation: number;
  /** What lies before them in their memory may be written over. */
  readonly lines: Uint8Array<ArrayBuffer> | undefined;
  /** Where the lines belong, flat: offset in `lines`, first position, count and milliseconds of each row of consecutive ones. */
  readonly rows: readonly number[];
  readonly logs: Uint8Array | undefined;
  readonly finished: readonly Finished[];
  /** The slice is over; `aborted` ran and did not succeed. */
  readonly end?: { readonly aborted: readonly number[] } | undefined;
  /** Every position of the slice fails with this: its program can't be loaded. */
  readonly unloadable?: ErrorJson | undefined;
}

/** Milliseconds on a clock that all threads of this process share; `performance.now()` starts anew in each. */
export function sharedNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
