/** Compares by UTF-8 bytes, as S3 and every other store orders keys. */
export function compareBytes(a: string, b: string): number {
  if (WIDE.test(a) || WIDE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Sorts in place by UTF-8 bytes. */
export function sortByBytes(names: string[]): string[] {
  return names.some((name) => WIDE.test(name)) ? names.sort(compareBytes) : names.sort();
}

// UTF-16, by which JavaScript compares, differs from UTF-8 only here: it puts surrogate pairs before U+E000 to U+FFFF.
const WIDE = /[\ud800-\uffff]/;
