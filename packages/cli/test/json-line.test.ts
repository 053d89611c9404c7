import fc from "fast-check";
import { expect, test } from "vitest";
import { endOfJsonLine } from "../src/inputs/json-line.ts";

const bytesOf = (line: string) => Buffer.from(`${line}\n`);

const endsWithin = (line: string) => endOfJsonLine(bytesOf(line), 0) > 0;

test("a line of any value ends where it does", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1), fc.nat(3), (value, spaces, at) => {
      const line = JSON.stringify(value, null, spaces).replaceAll("\n", " ");
      // Escapes by number are left to JSON.parse.
      fc.pre(!line.includes("\\u"));
      const bytes = Buffer.concat([Buffer.alloc(at, "x"), bytesOf(line)]);
      expect(endOfJsonLine(bytes, at)).toBe(bytes.length);
    }),
  );
});

test("what is taken for JSON, JSON.parse takes too", () => {
  const signs = '[ ] { } : , " \\ - + . 0 1 2 3 9 e E t r u f a l s n / é \u0001'.split(" ");
  const pieces = fc.constantFrom(...signs, " ", "\t", "\r", "true", "false", "null", '"a"', "1e5");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const line = parts.join("");
      expect(endsWithin(line) && !parses(line)).toBe(false);
    }),
    { numRuns: 5000 },
  );
});

function parses(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

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
