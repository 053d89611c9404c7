export interface Split {
  /** The command's own bytes. */
  readonly bytes: Buffer;
  /** The line after the mark, when it is complete. What follows it belongs to nobody and is dropped. */
  readonly report?: string;
}

/** Finds `mark` + one line in a stream of pieces. It keeps back only what may be the beginning of a mark. */
export function markSplitter(mark: string): (piece: Buffer) => Split {
  const sought = Buffer.from(mark);
  let held: Buffer = EMPTY;

  return (piece) => {
    const all = held.length === 0 ? piece : Buffer.concat([held, piece]);
    const at = all.indexOf(sought);
    const end = at === -1 ? -1 : all.indexOf(LINE_FEED, at + sought.length);
    if (end !== -1) {
      held = EMPTY;
      return { bytes: all.subarray(0, at), report: all.toString("latin1", at + sought.length, end) };
    }
    const keep = at === -1 ? beginning(all, sought) : at;
    held = all.subarray(keep);
    return { bytes: all.subarray(0, keep) };
  };
}

/** Where the longest suffix starts that `sought` begins with. */
function beginning(all: Buffer, sought: Buffer): number {
  const from = Math.max(0, all.length - sought.length + 1);
  for (let at = all.indexOf(sought[0] ?? 0, from); at !== -1; at = all.indexOf(sought[0] ?? 0, at + 1)) {
    if (sought.subarray(0, all.length - at).equals(all.subarray(at))) return at;
  }
  return all.length;
}

const EMPTY = Buffer.alloc(0);
const LINE_FEED = 0x0a;
