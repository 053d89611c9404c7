import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  blobParts,
  decodeBlob,
  decodeInline,
  decodeInput,
  inlineSize,
  inlineValue,
  inputLine,
  SerializeError,
  serializer,
} from "../../src/serializer/index.ts";
import type { Encoded, InlineValue, Serializer } from "../../src/serializer/index.ts";
import { shape } from "./shape.ts";
import { anything } from "./values.ts";

/** Through every form that a body has for a value. */
const forms: Record<string, (value: unknown, by?: Serializer) => unknown> = {
  line: (value, by = serializer) => decodeInline(JSON.parse(lineOf(by.encode(value))) as InlineValue, by),
  input: (value, by = serializer) => decodeInput(inputLine(by.encode(value)), by),
  blob: (value, by = serializer) => decodeBlob(Buffer.concat(blobParts(by.encode(value))), by),
};

function lineOf(encoded: Encoded): string {
  return `{"index":0,"status":"succeeded"${inlineValue(encoded)},"attempts":1}`;
}

describe.each(Object.entries(forms))("as %s", (_, travel) => {
  test("anything arrives as it left", () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(shape(travel(value))).toBe(shape(value));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    undefined,
    null,
    NaN,
    { value: 1, meta: 2 },
    new Uint8Array(300),
    { a: new Float64Array([1.5, 2]), b: new Uint8Array(0) },
  ])("%o", (value) => {
    expect(shape(travel(value))).toBe(shape(value));
  });

  test("one of another serializer, which has attachments only", () => {
    const own: Serializer = {
      encode: (value) => ({ json: "", meta: undefined, attachments: [Buffer.from(String(value))] }),
      decode: ({ attachments = [] }) => Buffer.concat(attachments).toString(),
    };
    expect(travel("hello", own)).toBe("hello");
  });
});

test("every form of text is one line", () => {
  fc.assert(
    fc.property(anything, (value) => {
      const encoded = serializer.encode(value);
      expect(lineOf(encoded)).not.toMatch(/[\r\n]/);
      expect(inputLine(encoded).line).not.toMatch(/[\r\n]/);
    }),
  );
});

test("a plain value is its JSON, undefined is no member", () => {
  expect(lineOf(serializer.encode({ a: [1] }))).toBe('{"index":0,"status":"succeeded","value":{"a":[1]},"attempts":1}');
  expect(lineOf(serializer.encode(undefined))).toBe('{"index":0,"status":"succeeded","attempts":1}');
  expect(inputLine(serializer.encode("x"))).toEqual({ line: '"x"', rich: false });
  expect(inputLine(serializer.encode(undefined))).toEqual({ line: "{}", rich: true });
});

test("the size is never estimated too small, and is near for long values", () => {
  fc.assert(
    fc.property(anything, (value) => {
      const encoded = serializer.encode(value);
      expect(inlineSize(encoded)).toBeGreaterThanOrEqual(Buffer.byteLength(inlineValue(encoded)));
    }),
  );
  for (const long of ["a".repeat(200_000), "é€".repeat(50_000), new Uint8Array(180_000)]) {
    const encoded = serializer.encode(long);
    expect(inlineSize(encoded) - Buffer.byteLength(inlineValue(encoded))).toBeLessThan(500);
  }
});

describe("a damaged body is malformed", () => {
  const blob = Buffer.concat(blobParts(serializer.encode([new Uint8Array(8), new Uint8Array(3)])));
  const cases: [string, () => unknown][] = [
    ["a blob cut short", () => decodeBlob(blob.subarray(0, -1), serializer)],
    ["a blob with more", () => decodeBlob(Buffer.concat([blob, blob]), serializer)],
    ["a blob without a line", () => decodeBlob(new Uint8Array(8), serializer)],
    ["a blob that is no object", () => decodeBlob(Buffer.from("[]\n"), serializer)],
    ["a blob with lengths below zero", () => decodeBlob(Buffer.from('{"bytes":[-1,1]}\n'), serializer)],
    ["a line with bytes that are none", () => decodeInline({ value: 1, meta: { types: "" }, bytes: [5] }, serializer)],
    ["an input that is not JSON", () => decodeInput({ line: "{", rich: false }, serializer)],
    ["a rich input that is no object", () => decodeInput({ line: "[1]", rich: true }, serializer)],
  ];
  test.each(cases)("%s", (_, decode) => {
    expect(decode).toThrow(SerializeError);
    expect(decode).toThrow(/damaged/);
  });
});
