import type { Backend } from "../backend.ts";

/** Slots of a worker when nobody says: workers on this machine share its processors; elsewhere each has its own. */
export function slotsPerWorker({ capabilities }: Backend, workers: number): number {
  const planned = Math.min(workers, capabilities.maxWorkers);
  return capabilities.sharesFileSystem ? Math.max(1, Math.floor(capabilities.slots / planned)) : capabilities.slots;
}
