/** Where a reader of outcomes stopped. @throws {RangeError} saying what to give. */
export function cursor(text: string): string {
  if (/^\d{1,9}\.\d{1,12}(?:,\d{1,9}\.\d{1,12})*$/.test(text)) return text;
  throw new RangeError("Give a cursor as collect prints it, such as 0.1200.");
}
