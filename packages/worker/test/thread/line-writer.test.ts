import fc from "fast-check";
import { expect, test } from "vitest";
import { LineWriter } from "../../src/thread/line-writer.ts";

const numbers = fc
  .oneof(fc.integer(), fc.nat(2 ** 31), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .filter((value) => !Object.is(value, -0));
const values = fc.oneof(
  numbers,
  fc.constant(""),
  fc.string({ unit: "grapheme", maxLength: 100 }).map((text) => `,"value":${JSON.stringify(text)}`),
  fc.string({ unit: "grapheme", maxLength: 100 }).map((text) => Buffer.from(`,"value":${JSON.stringify(text)}`)),
);

test("lines say what they were given, whatever stood before them", () => {
  const into = new Uint8Array(1_000_000);
  fc.assert(
    fc.property(
      fc.nat(20_000),
      fc.nat(20_000),
      fc.array(
        fc.tuple(values, fc.integer({ min: 1, max: 99 }), fc.double({ min: 0, max: 1e7, noNaN: true }), fc.boolean()),
        {
          maxLength: 30,
        },
      ),
      (index, task, rows) => {
        const writer = new LineWriter(into);
        let at = 0;
        const expected: object[] = [];
        let n = 0;
        for (const [value, attempts, ms, skips] of rows) {
          n += skips ? 7 : 1;
          const end = writer.write(at, index + n, task + n, value, attempts, ms);
          expect(end - at).toBeLessThanOrEqual(LineWriter.size(value));
          at = end;
          expected.push({
            index: index + n,
            task: task + n,
            status: "succeeded",
            ...(typeof value === "number" ? { value } : JSON.parse(`{${value.toString().slice(1)}}`)),
            attempts,
            seconds: Math.round(ms * 1000) / 1e6,
          });
        }
        const lines = Buffer.from(into.subarray(0, at)).toString().split("\n").slice(0, -1);
        expect(lines.map((line) => JSON.parse(line))).toEqual(expected);
        expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual(expected.map((line) => Object.keys(line)));
      },
    ),
  );
});

test.each([9, 99, 999, 99_999])("a count that comes to another digit after %i", (last) => {
  const into = new Uint8Array(10_000);
  const writer = new LineWriter(into);
  let at = 0;
  for (let n = last - 1; n <= last + 2; n++) at = writer.write(at, n, n + 1, n, 1, 0);
  const lines = Buffer.from(into.subarray(0, at)).toString().trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    [last - 1, last, last + 1, last + 2].map((n) => ({
      index: n,
      task: n + 1,
      status: "succeeded",
      value: n,
      attempts: 1,
      seconds: 0,
    })),
  );
});
