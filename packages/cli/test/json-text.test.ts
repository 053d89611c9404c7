import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonText } from "../src/output/json-text.ts";
import type { Told } from "../src/output/json-text.ts";

/** What is told of bytes that come in stretches, each ending at one of these places. */
function toldOf(bytes: Uint8Array, places: readonly number[]): Told[] {
  const texts = new JsonText();
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1))), bytes.length].sort((a, b) => a - b);
  const all = ends.flatMap((end, n) => [...texts.take("a log", {}, bytes.subarray(ends[n - 1] ?? 0, end))]);
  return [...all, ...[...texts.rest()].map(([, told]) => told)];
}

const places = fc.array(fc.nat({ max: 1000 }));
const bytesOf = (told: Told) => ("text" in told ? Buffer.from(told.text) : Buffer.from(told.bytes, "base64"));

test("text stays text wherever it is cut", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), places, (text, cuts) => {
      const whole = Buffer.from(text);
      const told = toldOf(whole, cuts);
      expect(told.every((one) => "text" in one)).toBe(true);
      expect(told.map((one) => ("text" in one ? one.text : "")).join("")).toBe(whole.toString());
    }),
  );
});

test("no byte is lost or changed, text or not", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), places, (bytes, cuts) => {
      expect(Buffer.concat(toldOf(bytes, cuts).map(bytesOf))).toEqual(Buffer.from(bytes));
    }),
  );
});

test("logs are apart: what one begins another doesn't end", () => {
  const texts = new JsonText<{ n: number }>();
  expect([...texts.take("one", { n: 1 }, Uint8Array.of(0x61, 0xc3))]).toEqual([{ text: "a" }]);
  expect([...texts.take("two", { n: 2 }, Uint8Array.of(0xa9))]).toEqual([{ bytes: "qQ==" }]);
  expect([...texts.take("one", { n: 3 }, Uint8Array.of(0xa9))]).toEqual([{ text: "é" }]);
  expect([...texts.rest()]).toEqual([]);
});
