import type { Check } from "./check.ts";
import { countOf } from "../output/count-of.ts";

/** Every byte once and in order; of what is not so, the first line. */
export function sameOutput(name: string, expected: string, found: string): Check {
  const wanted = linesOf(expected);
  if (expected === found) return { name, passed: true, expected: told(wanted.length), found: told(wanted.length) };
  const got = linesOf(found);
  const at = wanted.findIndex((line, n) => line !== got[n]);
  const first = at < 0 ? wanted.length : at;
  return {
    name,
    passed: false,
    expected: `${told(wanted.length)}; line ${first + 1}: ${quoted(wanted[first])}`,
    found: `${told(got.length)}; line ${first + 1}: ${quoted(got[first])}`,
  };
}

function linesOf(text: string): readonly string[] {
  return text.split(/(?<=\n)/).filter((line) => line !== "");
}

function told(lines: number): string {
  return countOf(lines, "line");
}

const longest = 200;

function quoted(line: string | undefined): string {
  return line === undefined ? "none" : JSON.stringify(line.slice(0, longest));
}
