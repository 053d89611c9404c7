import { beforeAll, describe, expect, it } from "vitest";
import { CHUNKS, groupChunk, mergeGroups, type Group } from "../src/chunks/group.ts";
import { kilometres, place, readAirports } from "../src/chunks/places.ts";
import { report } from "../src/chunks/report.ts";
import { split } from "../src/chunks/split.ts";
import { sum } from "../src/common/statistics.ts";
import { parseRows, readText } from "../src/common/tables.ts";

const csv = readText("zipcodes.csv");
const rows = parseRows(csv, ["zip_code", "latitude", "longitude", "state"]);
const airports = readAirports();

describe("splitting", () => {
  it("keeps every row once and in order, under the header", () => {
    const chunks = split(csv, CHUNKS);
    expect(chunks).toHaveLength(CHUNKS);
    expect(chunks.flatMap((chunk) => parseRows(chunk, ["zip_code"]))).toEqual(rows);
  });

  it("makes chunks of about the same size", () => {
    const sizes = split(csv, CHUNKS).map((chunk) => chunk.split("\n").length - 1);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });
});

describe("the distance", () => {
  it("is a quarter of the globe from the pole to the equator", () => {
    const pole = place("pole", { latitude: "90", longitude: "0" });
    const equator = place("equator", { latitude: "0", longitude: "77" });
    expect(kilometres(pole, equator)).toBeCloseTo((6371 * Math.PI) / 2, 6);
    expect(kilometres(pole, pole)).toBe(0);
  });
});

describe("100 chunks", () => {
  let groups: Group[];
  beforeAll(() => {
    groups = mergeGroups(split(csv, CHUNKS).flatMap((chunk) => groupChunk(chunk, airports)));
  });

  it("count every code in its state", () => {
    const direct = new Map<string, number>();
    for (const { state } of rows) direct.set(state, (direct.get(state) ?? 0) + 1);
    expect(new Map(groups.map(({ state, codes }) => [state, codes]))).toEqual(direct);
    expect(sum(groups.map((group) => group.codes))).toBe(42_049);
  });

  it("add up to what the whole table gives, by another formula", () => {
    const direct = new Map<string, { distance: number; farthest: number }>();
    for (const row of rows) {
      const away = nearestByChord(row);
      const before = direct.get(row.state) ?? { distance: 0, farthest: 0 };
      direct.set(row.state, { distance: before.distance + away, farthest: Math.max(before.farthest, away) });
    }
    for (const { state, distance, farthest } of groups) {
      expect(distance).toBeCloseTo(direct.get(state)?.distance ?? Number.NaN, 3);
      expect(farthest.distance).toBeCloseTo(direct.get(state)?.farthest ?? Number.NaN, 3);
    }
  });

  it("are told with both ends of the ranking", () => {
    const text = report(groups);
    expect(text).toContain("ZIP codes in 49 states, DC among them");
    expect(text).toMatch(/^DC +275 .*^…\n.*^WY /ms);
  });
});

/** The straight line through the globe, and from it the arc: as exact, and with no trigonometry per pair. */
function nearestByChord(row: { latitude: string; longitude: string }): number {
  const [x = 0, y = 0, z = 0] = vector(place("", row));
  let shortest = Infinity;
  for (const [ax = 0, ay = 0, az = 0] of vectors) {
    shortest = Math.min(shortest, (x - ax) ** 2 + (y - ay) ** 2 + (z - az) ** 2);
  }
  return 2 * 6371 * Math.asin(Math.sqrt(shortest) / 2);
}

function vector({ latitude, longitude }: { latitude: number; longitude: number }): number[] {
  return [Math.cos(latitude) * Math.cos(longitude), Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude)];
}

const vectors = airports.map(vector);
