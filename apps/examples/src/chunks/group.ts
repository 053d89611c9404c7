import { parseRows } from "../common/tables.ts";
import { kilometres, place, type Place } from "./places.ts";

export const CHUNKS = 100;

/** What is known of a state's ZIP codes and the airport next to each. */
export interface Group {
  readonly state: string;
  readonly codes: number;
  /** Kilometres to the nearest airport, summed over the codes. */
  readonly distance: number;
  readonly farthest: Farthest;
}

interface Farthest {
  readonly code: string;
  readonly airport: string;
  readonly distance: number;
}

/** Groups one chunk of the table `zipcodes.csv` by state, after a join of each code with its nearest airport. */
export function groupChunk(csv: string, airports: readonly Place[]): Group[] {
  const rows = parseRows(csv, ["zip_code", "state", "latitude", "longitude"]);
  return mergeGroups(
    rows.map((row) => {
      const farthest = nearest(place(row.zip_code, row), airports);
      return { state: row.state, codes: 1, distance: farthest.distance, farthest };
    }),
  );
}

/** One group per state, in the order of the alphabet. */
export function mergeGroups(parts: Iterable<Group>): Group[] {
  const merged = new Map<string, Group>();
  for (const part of parts) {
    const before = merged.get(part.state);
    merged.set(part.state, before === undefined ? part : join(before, part));
  }
  return [...merged.values()].sort((left, right) => (left.state < right.state ? -1 : 1));
}

function join(left: Group, right: Group): Group {
  return {
    state: left.state,
    codes: left.codes + right.codes,
    distance: left.distance + right.distance,
    farthest: right.farthest.distance > left.farthest.distance ? right.farthest : left.farthest,
  };
}

function nearest(code: Place, airports: readonly Place[]): Farthest {
  let airport = "";
  let distance = Infinity;
  for (const candidate of airports) {
    const away = kilometres(code, candidate);
    if (away < distance) {
      airport = candidate.name;
      distance = away;
    }
  }
  return { code: code.name, airport, distance };
}
