import { parseRows, readText } from "../common/tables.ts";

/** A point on the globe, in radians. */
export interface Place {
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

/** Every airport of the table `airports.csv`: the small side of the join, wanted whole by each chunk. */
export function readAirports(): Place[] {
  return parseRows(readText("airports.csv"), ["iata", "latitude", "longitude"]).map((row) => place(row.iata, row));
}

/** A row's coordinates are in degrees. */
export function place(name: string, row: { readonly latitude: string; readonly longitude: string }): Place {
  return { name, latitude: Number(row.latitude) * DEGREE, longitude: Number(row.longitude) * DEGREE };
}

const EARTH_KM = 6371;
const DEGREE = Math.PI / 180;

/** Along the surface, by the haversine formula. */
export function kilometres(from: Place, to: Place): number {
  const north = Math.sin((to.latitude - from.latitude) / 2);
  const east = Math.sin((to.longitude - from.longitude) / 2);
  const haversine = north * north + Math.cos(from.latitude) * Math.cos(to.latitude) * east * east;
  return 2 * EARTH_KM * Math.asin(Math.sqrt(Math.min(1, haversine)));
}
