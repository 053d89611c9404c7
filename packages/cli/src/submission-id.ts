/** Names of objects are made of it. @throws {RangeError} saying what to give. */
export function submissionId(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text)) return text;
  throw new RangeError("Give at most 64 letters, digits, - and _, beginning with a letter or a digit.");
}
