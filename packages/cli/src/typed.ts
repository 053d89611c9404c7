import type { StoreFlags } from "./stack.ts";

/** A call of this command on the same store, as it is typed into a shell. */
export function typed(words: readonly string[], { store, config }: StoreFlags): string {
  return ["skyburst", ...words, ...option("--store", store), ...option("--config", config)].map(quoted).join(" ");
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}

/** As a shell reads it: an address of a store has a question mark in it. */
function quoted(word: string): string {
  return /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
