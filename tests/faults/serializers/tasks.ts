import { task } from "@skyburst/core";
import type { Shared } from "@skyburst/core";
import { Amount } from "./amounts.ts";

export const twice = task(import.meta.url, ({ cents }: Amount) => new Amount(cents * 2n));

export const many = task(import.meta.url, (count: number) =>
  Array.from({ length: count }, (_, n) => new Amount(BigInt(n))),
);

export const total = task(
  import.meta.url,
  (amounts: readonly Amount[]) => new Amount(amounts.reduce((sum, { cents }) => sum + cents, 0n)),
);

export const withFee = task(
  import.meta.url,
  async ({ of, fee }: { of: Amount; fee: Shared<Amount> }, { get }) => new Amount(of.cents + (await get(fee)).cents),
);
