import type { JsonObject, StateStore } from "@skyburst/core";

/** In what stores may differ, and what the suite can't know by itself. */
export interface StoreFacts {
  /** What is done about a key below another key: refused as `invalid-key`, or not noticed. Default `"unnoticed"`. */
  readonly nesting?: "refused" | "unnoticed" | undefined;
  /** What `modified` may be rounded down by, in milliseconds, the grain of the store's clock included. Default 1,000. */
  readonly modifiedResolution?: number | undefined;
  /** The largest body that is tried, in bytes. Default 9,000,000: more than is usually sent in one piece. */
  readonly largestBody?: number | undefined;
  /** There is a `close`. Default `true`; else it is tested that there is none. */
  readonly closes?: boolean | undefined;
  /** What the reference's module exports as `open`. Default: the module is imported by its name. */
  readonly open?: ((options: JsonObject) => StateStore | Promise<StateStore>) | undefined;
  /** Passwords and keys that the store was opened with, none of which may be in its reference. Default: none. */
  readonly secrets?: readonly string[] | undefined;
}

/** With every default in place. */
export type KnownFacts = {
  readonly [K in Exclude<keyof StoreFacts, "open">]-?: Exclude<StoreFacts[K], undefined>;
} & Pick<StoreFacts, "open">;

export function known(facts: StoreFacts): KnownFacts {
  return {
    nesting: facts.nesting ?? "unnoticed",
    modifiedResolution: facts.modifiedResolution ?? 1000,
    largestBody: facts.largestBody ?? 9_000_000,
    closes: facts.closes ?? true,
    open: facts.open,
    secrets: facts.secrets ?? [],
  };
}
