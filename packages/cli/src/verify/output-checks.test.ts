import { expect, test } from "vitest";
import { Arrivals } from "./arrivals.ts";
import { liveLine } from "./live-line.ts";
import { sameOutput } from "./same-output.ts";

function arrived(...chunks: readonly (readonly [at: number, bytes: string | Uint8Array])[]): Arrivals {
  const arrivals = new Arrivals();
  for (const [at, bytes] of chunks) arrivals.add(Buffer.from(bytes), at);
  return arrivals;
}

test("a line arrives when the last of it does, wherever its bytes are cut", () => {
  const [begin, end] = [Buffer.from("a é").subarray(0, 3), Buffer.from("é").subarray(1)];
  const arrivals = arrived([10, "first\n"], [20, begin], [30, end], [40, "\nlast"]);
  expect(arrivals.lines).toEqual([
    { text: "first", at: 10 },
    { text: "a é", at: 40 },
    { text: "last", at: 40 },
  ]);
  expect(arrivals.text).toBe("first\na é\nlast");
});

test("lines that come together at the end did not come while the job ran", () => {
  expect(liveLine(arrived([100, "begun\n"], [1900, "done\n"]), 2)).toMatchObject({ passed: true });
  expect(liveLine(arrived([2100, "begun\ndone\n"]), 2)).toMatchObject({ passed: false });
  expect(liveLine(arrived([2100, "begun\n"], [2110, "done\n"]), 2)).toMatchObject({ passed: false });
  expect(liveLine(arrived(), 2)).toMatchObject({ passed: false });
  // A second late, and no more.
  expect(liveLine(arrived([1100, "begun\n"], [30_050, "done\n"]), 30, 1)).toMatchObject({ passed: false });
  expect(liveLine(arrived([900, "begun\n"], [30_050, "done\n"]), 30, 1)).toMatchObject({ passed: true });
});

test.each([
  ["lost", "a\nb\nc\n", "a\nc\n", "2 lines; line 2: " + JSON.stringify("c\n")],
  ["doubled", "a\nb\nc\n", "a\nb\nb\nc\n", "4 lines; line 3: " + JSON.stringify("b\n")],
  ["out of order", "a\nb\n", "b\na\n", "2 lines; line 1: " + JSON.stringify("b\n")],
  ["behind the end", "a\n", "a\nb\n", "2 lines; line 2: " + JSON.stringify("b\n")],
  ["cut off", "a\nb\n", "a\nb", "2 lines; line 2: " + JSON.stringify("b")],
  ["nothing at all", "a\n", "", "0 lines; line 1: none"],
])("output that is %s is told by its first line", (_, expected, found, told) => {
  expect(sameOutput("stdout", expected, found)).toMatchObject({ passed: false, found: told });
});

test("the same bytes are the same", () => {
  expect(sameOutput("stdout", "a\nb", "a\nb")).toEqual({
    name: "stdout",
    passed: true,
    expected: "2 lines",
    found: "2 lines",
  });
});
