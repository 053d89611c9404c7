/** A time as people say it, to two digits: `0.2 s`, `45 s`, `3 min`, `2.5 h`. */
export function took(seconds: number): string {
  if (seconds < 100) return `${twoDigits(seconds)} s`;
  if (seconds < 6000) return `${twoDigits(seconds / 60)} min`;
  return `${twoDigits(seconds / 3600)} h`;
}

function twoDigits(amount: number): string {
  if (amount >= 10 || amount === 0) return Math.round(amount).toLocaleString("en-US");
  return amount < 0.001 ? "0.001" : String(Number(amount.toPrecision(2)));
}
