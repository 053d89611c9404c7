import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Mask } from "./mask.ts";

/** What is seen of these pieces. */
function seen(secrets: Readonly<Record<string, string>>, pieces: readonly string[]): string {
  const stream = new Mask(secrets).stream();
  const parts = pieces.map((piece) => stream.next(Buffer.from(piece, "latin1")));
  return Buffer.concat([...parts, stream.end()]).toString("latin1");
}

describe("what tasks print", () => {
  test.each([
    ["the whole of it", ["hunter2"], "***A***"],
    ["among other words", ["a hunter2 b hunter2"], "a ***A*** b ***A***"],
    ["cut anywhere", ["so hun", "te", "r2!"], "so ***A***!"],
    ["its beginning alone", ["hunter", "s"], "hunters"],
    ["its beginning at the end", ["a hunter"], "a hunter"],
    ["its beginning twice", ["hunthunt", "er2"], "hunt***A***"],
    ["nothing", [], ""],
  ])("has a mask in place of a value: %s", (_, pieces, expected) => {
    expect(seen({ A: "hunter2" }, pieces)).toBe(expected);
  });

  test("one value in another, and two that overlap, are hidden whole", () => {
    expect(seen({ A: "abcd", B: "abcdef" }, ["abcd", "ef."])).toBe("***B***.");
    expect(seen({ A: "abcd", B: "cdef" }, ["abc", "d", "ef."])).toBe("***A***.");
    expect(seen({ A: "abcdefgh", B: "cdef" }, ["abcdefgh"])).toBe("***A***");
    expect(seen({ A: "abcd" }, ["abcdabcd"])).toBe("***A******A***");
  });

  test("a value of several lines is known by each of them, without what ends it", () => {
    const KEY = "-----BEGIN KEY-----\nMIIEpAIBAAKC\n-----END KEY-----\n";
    expect(seen({ KEY }, ["  MIIEpAIBAAKC\r\n"])).toBe("  ***KEY***\r\n");
    expect(seen({ KEY: "hunter2\n" }, ["<hunter2>"])).toBe("<***KEY***>");
  });

  test("a value is known as it stands in JSON and in an address", () => {
    expect(seen({ A: 'p"ss w@rd' }, [JSON.stringify({ a: 'p"ss w@rd' })])).toBe('{"a":"***A***"}');
    expect(seen({ A: 'p"ss w@rd' }, [encodeURIComponent('p"ss w@rd')])).toBe("***A***");
  });

  test("a value that would be found in other words is left as it is", () => {
    expect(seen({ A: "yes" }, ["yes, yesterday"])).toBe("yes, yesterday");
  });

  test("is the same however it is cut, holds no value, and holds back less than one", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 4, maxLength: 9 });
    const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c", "."), maxLength: 12 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.uniqueArray(letters, { minLength: 1, maxLength: 3 }), pieces, (values, parts) => {
        const secrets = Object.fromEntries(values.map((value, n) => [`S${n}`, value]));
        const whole = seen(secrets, [parts.join("")]);
        expect(seen(secrets, parts)).toBe(whole);
        for (const value of values) expect(whole).not.toContain(value);
        const stream = new Mask(secrets).stream();
        for (const part of parts) stream.next(Buffer.from(part));
        expect(stream.end().length).toBeLessThan(Math.max(...values.map(({ length }) => length)));
      }),
      { numRuns: 300 },
    );
  });

  test("bytes that are no text stay what they are", () => {
    const stream = new Mask({ A: "hunter2" }).stream();
    const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
    expect(Buffer.concat([stream.next(bytes), stream.end()])).toEqual(bytes);
  });
});

test("what an error says has masks in every text of it, and nowhere else", () => {
  const mask = new Mask({ A: "hunter2" });
  const error = { message: "no hunter2", code: 401, cause: { name: "E", stack: ["at hunter2", null, true] } };
  expect(mask.json(error)).toEqual({
    message: "no ***A***",
    code: 401,
    cause: { name: "E", stack: ["at ***A***", null, true] },
  });
});
