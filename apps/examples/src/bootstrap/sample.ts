import { readText } from "../common/tables.ts";

/** Films as columns, row by row: budget and worldwide gross in dollars, rating from 1 to 10. */
export interface Sample {
  readonly budget: readonly number[];
  readonly gross: readonly number[];
  readonly rating: readonly number[];
}

/** The films of the table `movies.json` of which all three figures are known. */
export function readSample(): Sample {
  const films: readonly Film[] = JSON.parse(readText("movies.json"));
  const known = films.flatMap((film) => {
    const budget = film["Production Budget"];
    const gross = film["Worldwide Gross"];
    const rating = film["IMDB Rating"];
    return budget && gross && rating ? [{ budget, gross, rating }] : [];
  });
  return {
    budget: known.map((film) => film.budget),
    gross: known.map((film) => film.gross),
    rating: known.map((film) => film.rating),
  };
}

/** The figures as the table has them: `null`, or 0, where nobody knows. */
interface Film {
  readonly "Production Budget": number | null;
  readonly "Worldwide Gross": number | null;
  readonly "IMDB Rating": number | null;
}
