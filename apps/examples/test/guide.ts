import { readFileSync } from "node:fs";

/** The named files that a page of the documentation shows, without the line that names them. */
export function shownIn(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), "utf8");
  const blocks = text.matchAll(/^```ts\n\/\/ (\S+)\n([^]*?)^```$/gm);
  return new Map([...blocks].map(([, name = "", source = ""]) => [name, source]));
}
