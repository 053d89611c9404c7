/** Writes a whole number from 0 to 2³¹ - 1 as decimal digits; returns where they end. */
export function digits(into: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let power = 10; power <= value; power *= 10) end++;
  let rest = value;
  for (let n = end - 1; n >= at; n--) {
    const next = (rest / 10) | 0;
    into[n] = zero + rest - next * 10;
    rest = next;
  }
  return end;
}

/** Whether {@link digits} can write it. -0 is none. */
export function hasDigits(value: number): boolean {
  return value >= 0 && value <= 0x7fff_ffff && (value | 0) === value && (value !== 0 || 1 / value > 0);
}

const zero = 48;
