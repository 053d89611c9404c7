import fc from "fast-check";
import { expect, test } from "vitest";
import { endOfJsonLine } from "../src/inputs/json-line.ts";

const bytesOf = (line: string) => Buffer.from(`${line}\n`);

test("a line of any value ends where it does", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1), fc.nat(3), (value, spaces, at) => {
      const line = JSON.stringify(value, null, spaces).replaceAll("\n", " ");
      const bytes = Buffer.concat([Buffer.alloc(at, "x"), bytesOf(line)]);
      const end = endOfJsonLine(bytes, at);
      // Escapes by number are left to JSON.parse.
      if (line.includes("\\u")) expect([0, bytes.length]).toContain(end);
      else expect(end).toBe(bytes.length);
    }),
  );
});

test("what JSON.parse refuses is refused", () => {
  const pieces = fc.constantFrom(
    ...'[]{}:,"\\ \t\r-+.0123456789eEtrufalsn/\u0001é',
    "true",
    "null",
    "false",
    '"a"',
    "1e5",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const line = parts.join("");
      if (endOfJsonLine(bytesOf(line), 0) > 0) expect(() => JSON.parse(line)).not.toThrow();
    }),
    { numRuns: 5000 },
  );
});

test.each([
  ["0", true],
  ["-0", true],
  ["01", false],
  ["-", false],
  ["1.", false],
  [".5", false],
  ["1e", false],
  ["1E+10", true],
  ['"a', false],
  ['"\\x"', false],
  ['"\t"', false],
  ['"é\\n"', true],
  ["[1,]", false],
  ['{"a":1,}', false],
  ["{1:2}", false],
  ["nulll", false],
  ["1 2", false],
  ["", false],
  [" [ ] \r", true],
])("%j", (line, valid) => {
  expect(endOfJsonLine(bytesOf(line), 0)).toBe(valid ? bytesOf(line).length : 0);
});

test("a value that is too deep for it is left to JSON.parse", () => {
  const deep = `${"[".repeat(101)}${"]".repeat(101)}`;
  expect(endOfJsonLine(bytesOf(deep), 0)).toBe(0);
  expect(endOfJsonLine(bytesOf(deep.slice(1, -1)), 0)).toBe(deep.length - 1);
});
