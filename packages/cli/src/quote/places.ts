import { local } from "@skyburst/backend-local";
import type { Backend, QuotePlace } from "@skyburst/core";
import type { Stack } from "../stack.ts";

export interface PlacesOptions {
  /** Workers at a time, one estimate each. */
  readonly sizes: readonly number[];
  /** Only this backend, beside this machine. */
  readonly named: string | undefined;
}

/** Where the job might run: here with all processors, which is where it is now, and on each backend that is configured. */
export function placesOf(stack: Stack, { sizes, named }: PlacesOptions): QuotePlace[] {
  const { backend, backends, store, costs, spec } = stack;
  const all = new Map<Backend, string>([[backend, named ?? backend.name]]);
  if (named === undefined) for (const [name, other] of Object.entries(backends)) all.set(other, name);
  const away = [...all].filter(([{ name }]) => name !== "local");
  const here = backend.name === "local" ? { backend, costs } : { backend: local() };
  return [
    { ...here, store, name: "local", workers: [1] },
    ...away.map(([other, name]) => ({ backend: other, store, name, costs, spec, workers: fitting(sizes, other) })),
  ];
}

/** Each size once, as far as the backend goes. */
function fitting(sizes: readonly number[], { capabilities: { maxWorkers } }: Backend): number[] {
  return [...new Set(sizes.map((size) => Math.min(size, maxWorkers)))];
}
