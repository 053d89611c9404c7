import type { Group } from "./group.ts";

// The table of airports leaves most of these out, and that of ZIP codes has Honolulu in the open sea.
const OUTLYING = new Set(["AK", "AS", "FM", "GU", "HI", "MH", "MP", "PR", "PW", "VI"]);

/** What a person wants to read of the groups: both ends of the ranking. */
export function report(groups: readonly Group[]): string {
  const ranking = groups
    .filter((group) => !OUTLYING.has(group.state))
    .sort((left, right) => left.distance / left.codes - right.distance / right.codes);
  const codes = ranking.reduce((total, group) => total + group.codes, 0);
  const distance = ranking.reduce((total, group) => total + group.distance, 0);
  return [
    `${codes.toLocaleString("en")} ZIP codes in ${ranking.length} states, DC among them: ` +
      `${(distance / codes).toFixed(1)} km to the nearest airport on average.`,
    "",
    "state   codes    mean km   farthest code (airport)",
    ...ranking.slice(0, 5).map(line),
    "…",
    ...ranking.slice(-5).map(line),
  ].join("\n");
}

function line({ state, codes, distance, farthest }: Group): string {
  const mean = (distance / codes).toFixed(1);
  return (
    state.padEnd(5) +
    codes.toLocaleString("en").padStart(8) +
    mean.padStart(11) +
    `   ${farthest.code} (${farthest.airport}, ${farthest.distance.toFixed(0)} km)`
  );
}
