import type { Cost } from "@skyburst/core";

/** `$1.25`, `$0.0031`, `1.25 EUR`. */
export function money({ amount, currency }: Pick<Cost, "amount" | "currency">): string {
  // Small sums are all that some jobs cost: two digits of them say more than a row of noughts.
  const digits =
    amount === 0 || amount >= 0.1 ? amount.toFixed(2) : Number(amount.toPrecision(2)).toFixed(6).replace(/0+$/, "");
  return currency === "USD" ? `$${digits}` : `${digits} ${currency}`;
}
