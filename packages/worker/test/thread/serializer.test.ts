import { describe, expect, it } from "vitest";
import { openSlot, program, run, slice, valuesOf } from "./harness.ts";

/** A serializer that puts everything into brackets, and takes them off again. */
const brackets = `{
  module: "brackets", options: { mark: "<" },
  open: ({ mark }) => ({
    encode: (value) => ({ json: JSON.stringify(mark + value + ">"), meta: '"brackets"', attachments: undefined }),
    decode: ({ value }) => value.slice(1, -1),
  }),
}`;

describe("a program's own serializer", () => {
  it("encodes every result, the shortest too, and decodes inputs that have a meta", async () => {
    const own = await program(`export const task = (text) => text; export const serializer = ${brackets};`);
    const plain = await program("export const task = (text) => text;");
    const slot = openSlot();
    const lines = ['{"value":"<a>","meta":"brackets"}', "7"];
    const ran = await run(slot, { ...slice(own, []), inputs: Buffer.from(lines.join("\n")), count: 2, rich: [0] });
    expect(valuesOf(ran)).toEqual(["<a>", "<7>"]);
    // On the same thread, a program without one is as ever.
    expect(valuesOf(await run(slot, slice(plain, [7, "b"])))).toEqual([7, "b"]);
  });

  it.each([
    ['{ module: "m", options: {}, open: 3 }', "The serializer m has an `open` that is a number, not a function."],
    [
      '{ module: "m", options: {}, open: () => null }',
      "The serializer m: what `open` returned has no functions `encode` and `decode`.",
    ],
  ])("that is none fails its tasks, and says why (%s)", async (serializer, message) => {
    const own = await program(`export const task = (n) => n; export const serializer = ${serializer};`);
    const ran = await run(openSlot(), slice(own, [1]));
    expect(ran.failed.get(0)?.error.message).toBe(message);
  });
});
