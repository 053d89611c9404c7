const units = ["B", "kB", "MB", "GB", "TB"];

/** `512 B`, `3.4 MB`. */
export function sizeOf(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  for (; amount >= 999.5 && unit < units.length - 1; unit++) amount /= 1000;
  return `${unit === 0 || amount >= 99.5 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}
