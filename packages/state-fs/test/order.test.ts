import type { ListOptions, StateStore } from "@skyburst/core";
import fc from "fast-check";
import { test } from "vitest";
import assert from "node:assert/strict";
import { directory } from "../src/index.ts";
import { emptyDirectory } from "./place.ts";

test("any keys are listed in the order of their bytes, from behind any other", async () => {
  const store = directory(emptyDirectory());
  let run = 0;
  await fc.assert(
    fc.asyncProperty(keySets, fc.array(anyAfter, { maxLength: 4 }), async (set, afters) => {
      const prefix = `p${run++}/`;
      const sorted = withoutNesting(set)
        .map((key) => prefix + key)
        .sort(bytewise);
      for (const key of sorted.toReversed()) await store.create(key, new Uint8Array());
      assert.deepEqual(await keys(store, prefix), sorted);
      for (const after of [...sorted, ...afters.map((tail) => prefix + tail), "", "p", `${prefix}/`, "q"]) {
        const behind = sorted.filter((key) => bytewise(key, after) > 0);
        assert.deepEqual(await keys(store, prefix, { after }), behind, `after ${JSON.stringify(after)}`);
      }
    }),
    { numRuns: 60 },
  );
});

/** Characters whose order differs between bytes, UTF-16 and a directory's names: those around "/", and beyond U+D800. */
const segments = fc
  .array(fc.constantFrom("a", "b", "-", ".", "0", "~", " ", "é", "\ufb00", "\u{1F680}"), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join(""))
  .filter((segment) => segment !== "." && segment !== "..");
const paths = fc.array(segments, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const keySets = fc.uniqueArray(paths, { maxLength: 24 });
const anyAfter = fc.oneof(
  paths,
  paths.map((path) => `${path}/`),
  fc.constant(""),
);

async function keys(store: StateStore, prefix: string, options?: ListOptions): Promise<string[]> {
  const found: string[] = [];
  for await (const page of store.list(prefix, options)) found.push(...page.entries.map(({ key }) => key));
  return found;
}

function withoutNesting(set: readonly string[]): string[] {
  return set.filter((key) => !set.some((other) => other.startsWith(`${key}/`)));
}

function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
