import { expect, test } from "vitest";
import { keyFault } from "./key-fault.ts";

const usual = "s/20261121-1200-abcd/lease/0000000.000.0000.0001";

test.each([
  usual,
  "a",
  "ä/日本/🙂",
  ".hidden/..a/a..",
  "with space/and\ttab",
  "s".repeat(255),
  Array(4).fill("s".repeat(255)).join("/"),
  `${"ä".repeat(127)}/${"s".repeat(255)}`,
])("a key that can be: %j", (key) => {
  expect(keyFault(key)).toBeUndefined();
});

test.each([
  ["", "is empty"],
  [`${"s".repeat(200)}/`.repeat(5) + "s".repeat(20), "is 1025 bytes long; at most 1,024 are allowed"],
  ["a/\ud83d", "is not valid Unicode"],
  ["/a", 'has an empty segment: it begins or ends with "/", or has "//"'],
  ["a/", 'has an empty segment: it begins or ends with "/", or has "//"'],
  ["a//b", 'has an empty segment: it begins or ends with "/", or has "//"'],
  ["a/./b", 'has the segment "."'],
  ["..", 'has the segment ".."'],
  ["s".repeat(256), "has a segment of more than 255 bytes"],
  [`a/${"ä".repeat(128)}`, "has a segment of more than 255 bytes"],
])("a key that can't be: %j", (key, fault) => {
  expect(keyFault(key)).toBe(fault);
});
