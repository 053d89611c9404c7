const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `500ms`, `2s`, `1.5m`, `6h`, `7d`. @throws {RangeError} saying what to give. */
export function duration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([a-z]*)$/.exec(text) ?? [];
  if (number === undefined) throw new RangeError("Give a duration such as 500ms, 2s, 5m, 6h or 7d.");
  if (unit === "") throw new RangeError(`A bare number has no unit: ${number}s, or ${number}m?`);
  if (!isUnit(unit)) throw new RangeError(`There is no unit ${JSON.stringify(unit)}: use ms, s, m, h or d.`);
  const milliseconds = Number(number) * units[unit];
  if (milliseconds < 1) throw new RangeError("Give at least 1ms.");
  return milliseconds;
}

function isUnit(unit: string | undefined): unit is keyof typeof units {
  return unit !== undefined && Object.hasOwn(units, unit);
}

const sizes = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const;

/** Bytes of `500k`, `64m`, `1.5g`: powers of 1,024. @throws {RangeError} saying what to give. */
export function size(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(text) ?? [];
  if (number === undefined) throw new RangeError("Give a size such as 500k, 64m or 3g.");
  if (unit === "") throw new RangeError(`A bare number has no unit: ${number}k, or ${number}m?`);
  const factor = sizes[unit?.toLowerCase() as keyof typeof sizes] as number | undefined;
  if (factor === undefined) throw new RangeError(`There is no unit ${JSON.stringify(unit)}: use k, m or g.`);
  return Math.round(Number(number) * factor);
}

/** `2`, `0.5`. */
export function processors(text: string): number {
  const number = /^\d{1,4}(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (number > 0) return number;
  throw new RangeError("Give a number of processors such as 2 or 0.5.");
}

/** `2x`, `1.5x`. */
export function times(text: string): number {
  const [, number, unit] = /^(\d{1,3}(?:\.\d{1,3})?)(x?)$/.exec(text) ?? [];
  if (number === undefined) throw new RangeError("Give how many times as much, such as 2x or 1.5x.");
  if (unit === "") throw new RangeError(`A bare number has no unit: ${number}x?`);
  if (Number(number) > 1 && Number(number) <= 100) return Number(number);
  throw new RangeError("Give more than 1x, and at most 100x.");
}

export function positive(text: string): number {
  return whole(text, 1);
}

/** `10,50,200`, in ascending order. */
export function positives(text: string): readonly number[] {
  return [...new Set(text.split(",").map((part) => positive(part.trim())))].sort((a, b) => a - b);
}

export function natural(text: string): number {
  return whole(text, 0);
}

function whole(text: string, least: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least) return number;
  throw new RangeError(`Give a whole number of at least ${least}.`);
}
