import { duration } from "./quantities.ts";

/** A time: so many milliseconds later than something, or that moment, in milliseconds since the epoch. */
export type Deadline = { readonly later: number } | { readonly at: number };

/** Dollars: so many more than there were, or so many in all. */
export type Budget = { readonly more: number } | { readonly amount: number };

/** `+6h`, or a time of ISO 8601, which is a local one unless it names its zone. @throws {RangeError} saying what to give. */
export function deadline(text: string): Deadline {
  if (text.startsWith("+")) return { later: duration(text.slice(1)) };
  if (/^\d+(?:\.\d+)?[a-z]+$/.test(text))
    throw new RangeError(`Say whether that is from now on: +${text}. A moment is given as 2030-12-31T18:00.`);
  const at = moment.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new RangeError("Give +6h, or a moment such as 2030-12-31T18:00 or 2030-12-31T18:00:00Z.");
  return { at };
}

/** A date alone would be taken for midnight in Greenwich. */
const moment = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?$/;

/** `5`, in dollars. @throws {RangeError} saying what to give. */
export function dollars(text: string): number {
  const amount = /^\d{1,9}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (amount > 0) return amount;
  throw new RangeError("Give an amount in dollars such as 5 or 0.50.");
}

/** `+5`, or `5` in all, in dollars. @throws {RangeError} saying what to give. */
export function budgetChange(text: string): Budget {
  return text.startsWith("+") ? { more: dollars(text.slice(1)) } : { amount: dollars(text) };
}

/** Dollars per hour, as `20/h` or `20`. @throws {RangeError} saying what to give. */
export function hourlyRate(text: string): number {
  const [, amount, unit] = /^(.*?)(?:\s*\/\s*(.*))?$/.exec(text) ?? [];
  if (unit !== undefined && unit !== "h" && unit !== "hour")
    throw new RangeError(
      `There is no rate per ${unit === "" ? "nothing" : unit}: give dollars per hour, such as 20/h.`,
    );
  try {
    return dollars(amount ?? "");
  } catch {
    throw new RangeError("Give dollars per hour such as 20/h or 0.50/h.");
  }
}
