import type { Feed } from "@skyburst/core";
import type { Segment } from "@skyburst/core/protocol";

/** Plain values, as one segment of lines. */
export function feedOf(inputs: readonly unknown[]): Feed {
  async function* segments(): AsyncGenerator<Segment> {
    yield {
      count: inputs.length,
      rich: [],
      lines: Buffer.from(inputs.map((input) => `${JSON.stringify(input)}\n`).join("")),
    };
  }
  return { segments: segments(), gather: Number.POSITIVE_INFINITY, count: inputs.length };
}
