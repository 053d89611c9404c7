/** Milliseconds as seconds, rounded to microseconds. */
export function seconds(ms: number): number {
  return Math.round(ms * 1000) / 1e6;
}
