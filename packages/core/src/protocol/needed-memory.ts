import { itemCount } from "./items.ts";
import type { Item } from "./items.ts";
import { condemned } from "./lease.ts";
import type { JudgedBy, Lease } from "./lease.ts";

/** Bytes that a worker has to have for all items of a turn; 0: as many as it has. What fails without another run needs none. */
export function neededMemory(lease: Pick<Lease, "items" | "suspects">, options: JudgedBy): number {
  if (!options.memoryOnOom) return 0;
  const { items } = lease;
  if (typeof items !== "number") return Math.max(0, ...items.map((item) => neededBy(lease, item, options)));
  const suspects = Object.keys(lease.suspects ?? {}).map(Number);
  return Math.max(
    0,
    ...suspects
      .filter((offset) => offset < itemCount(items))
      .map((offset) => neededBy(lease, { offset, attempt: 1 }, options)),
  );
}

function neededBy(lease: Pick<Lease, "suspects">, item: Item, options: JudgedBy): number {
  if (condemned(lease, item, options)) return 0;
  const { most = Number.POSITIVE_INFINITY } = options.memoryOnOom ?? {};
  return Math.min(Math.max(item.memory ?? 0, lease.suspects?.[item.offset]?.memory ?? 0), most);
}
