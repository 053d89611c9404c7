/** Some of many inputs, as raw lines of JSON. */
export interface Sample {
  /** In the order in which they came. */
  readonly lines: readonly string[];
  /** Of all inputs, those that were not taken included. */
  readonly total: number;
  readonly bytes: number;
}

const newline = 10;

/**
 * Takes `size` of the lines, each with the same chance, whatever their number is, and holds no more of them. The same lines give the same
 * sample: who asks again is told the same.
 */
export async function sample(pieces: AsyncIterable<Buffer>, size: number): Promise<Sample> {
  const chance = generator();
  const kept: { readonly at: number; readonly line: string }[] = [];
  let total = 0;
  let bytes = 0;
  for await (const piece of pieces) {
    for (let from = 0, end = 0; from < piece.length; from = end) {
      end = piece.indexOf(newline, from) + 1;
      if (isBlank(piece, from, end)) continue;
      const at = total++;
      bytes += end - from;
      const place = at < size ? at : Math.floor(chance() * total);
      if (place < size) kept[place] = { at, line: piece.toString("utf8", from, end - 1) };
    }
  }
  return { lines: kept.sort((a, b) => a.at - b.at).map(({ line }) => line), total, bytes };
}

/** Nothing but blanks. */
function isBlank(piece: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if ((piece[at] ?? 0) > 32) return false;
  return true;
}

/** Numbers from 0 to 1 that look like chance: mulberry32. */
function generator(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
