/** Shorter ones would be found in other words, and where they were masked they could be guessed. In characters. */
const shortest = 4;

/**
 * The texts by which a value is known in what is printed: each of its lines, since many programs indent or wrap what has several; and the
 * same as it stands in JSON and in an address.
 */
export function formsOf(value: string): readonly string[] {
  // Half of a character is printed as what stands for one that can't be.
  const printed = Buffer.from(value).toString();
  const lines = printed.split(/[\r\n]+/).filter((line) => line.length >= shortest);
  const known = lines.length > 0 ? lines : [printed].filter(({ length }) => length >= shortest);
  return [...new Set(known.flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)]))];
}
