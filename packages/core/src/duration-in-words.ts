/** A time as people say it, to two digits: `0.2 s`, `45 s`, `3 min`, `2.5 h`. @param seconds Not negative. */
export function durationInWords(seconds: number): string {
  if (seconds < 100) return `${twoDigits(seconds)} s`;
  if (seconds < 6000) return `${twoDigits(seconds / 60)} min`;
  return `${twoDigits(seconds / 3600)} h`;
}

function twoDigits(amount: number): number {
  return amount >= 10 ? Math.round(amount) : Number(amount.toPrecision(amount < 0.001 ? 1 : 2));
}
