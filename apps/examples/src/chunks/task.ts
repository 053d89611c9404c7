import { task } from "@skyburst/core";
import { groupChunk } from "./group.ts";
import type { Place } from "./places.ts";

export const group = task(import.meta.url, ({ csv, airports }: { csv: string; airports: readonly Place[] }) =>
  groupChunk(csv, airports),
);
