/**
 * Looks at results that come in any order: every whole number below `count` has to come once. What it returns tells of each whether
 * it is the last one that was missing.
 *
 * @throws {Error} from what it returns, for any other value.
 */
export function oneOfEach(count: number): (value: unknown) => boolean {
  const missing = new Uint8Array(count).fill(1);
  let left = count;
  return (value) => {
    if (typeof value !== "number" || missing[value] !== 1)
      throw new Error(`${JSON.stringify(value)} is not one of the results that are missing, of ${count}.`);
    missing[value] = 0;
    return --left === 0;
  };
}
