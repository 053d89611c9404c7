import { readText } from "../common/tables.ts";

/** A car as a model sees it. */
export interface Car {
  /** Cylinders, displacement, horsepower, weight, acceleration, year, American, European. */
  readonly features: readonly number[];
  /** Miles per gallon: what the model has to guess. */
  readonly consumption: number;
}

/** The cars of the table `cars.json` of which everything is known. */
export function readCars(): Car[] {
  const rows: readonly Row[] = JSON.parse(readText("cars.json"));
  return rows.flatMap((row) => {
    const { Miles_per_Gallon: consumption, Horsepower: horsepower } = row;
    if (consumption === null || horsepower === null) return [];
    const features = [
      row.Cylinders,
      row.Displacement,
      horsepower,
      row.Weight_in_lbs,
      row.Acceleration,
      new Date(row.Year).getUTCFullYear(),
      row.Origin === "USA" ? 1 : 0,
      row.Origin === "Europe" ? 1 : 0,
    ];
    return [{ features, consumption }];
  });
}

interface Row {
  readonly Miles_per_Gallon: number | null;
  readonly Cylinders: number;
  readonly Displacement: number;
  readonly Horsepower: number | null;
  readonly Weight_in_lbs: number;
  readonly Acceleration: number;
  readonly Year: string;
  readonly Origin: string;
}
