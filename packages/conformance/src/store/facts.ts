import type { JsonObject, StateStore } from "@skyburst/core";
import { withDefaults } from "../with-defaults.ts";

/** What a store may have beyond its required members. */
export type StoreRole = "close" | "signedUrl" | "requests" | "rates" | "credentials";

export const STORE_ROLES: readonly StoreRole[] = ["close", "signedUrl", "requests", "rates", "credentials"];

/** In what stores may differ, and what the suite can't know by itself. */
export interface StoreFacts {
  /** What is done about a key below another key: refused as `invalid-key`, or not noticed. Default `"unnoticed"`. */
  readonly nesting?: "refused" | "unnoticed" | undefined;
  /** What `modified` may be rounded down by, in milliseconds, the grain of the store's clock included. Default 1,000. */
  readonly modifiedResolution?: number | undefined;
  /** The largest body that is tried, in bytes. Default 9,000,000: more than is usually sent in one piece. */
  readonly largestBody?: number | undefined;
  /** Members that are there beyond the required ones. It is tested that there are no others. Default: `close`. */
  readonly roles?: readonly StoreRole[] | undefined;
  /** What the reference's module exports as `open`. Default: the module is imported by its name. */
  readonly open?: ((options: JsonObject) => StateStore | Promise<StateStore>) | undefined;
  /** Passwords and keys that the store was opened with, none of which may be in its reference. Default: none. */
  readonly secrets?: readonly string[] | undefined;
}

/** With every default in place. */
export type KnownFacts = {
  readonly [K in Exclude<keyof StoreFacts, "open">]-?: Exclude<StoreFacts[K], undefined>;
} & Pick<StoreFacts, "open">;

/** @throws {ConformanceError} `option`: there is no such fact. */
export function known(facts: StoreFacts): KnownFacts {
  return withDefaults<KnownFacts>(facts, {
    nesting: "unnoticed",
    modifiedResolution: 1000,
    largestBody: 9_000_000,
    roles: ["close"],
    open: undefined,
    secrets: [],
  });
}
