/**
 * What is wrong with a key by the rules of {@link StateStore}, as the end of a sentence that begins with the key;
 * `undefined` where it is one that every store can keep. For stores, which refuse the others with `code: "invalid-key"`;
 * a prefix, without the `/` at its end, keeps the same rules. It is asked with each request: a usual key costs one regular
 * expression.
 */
export function keyFault(key: string): string | undefined {
  return usual.test(key) ? undefined : faultOf(key);
}

/** ASCII, at most 255 bytes in all, no segment that begins with a dot: what the protocol's own keys look like. */
const usual =
  /^(?=.{1,255}$)[\x20-\x2d\x30-\x7e][\x20-\x2e\x30-\x7e]*(?:\/[\x20-\x2d\x30-\x7e][\x20-\x2e\x30-\x7e]*)*$/;

function faultOf(key: string): string | undefined {
  const bytes = Buffer.from(key);
  if (bytes.length === 0) return "is empty";
  if (bytes.length > 1024) return `is ${bytes.length} bytes long; at most 1,024 are allowed`;
  if (bytes.toString() !== key) return "is not valid Unicode";
  for (const segment of key.split("/")) {
    if (segment === "") return 'has an empty segment: it begins or ends with "/", or has "//"';
    if (segment === "." || segment === "..") return `has the segment "${segment}"`;
    if (Buffer.byteLength(segment) > 255) return "has a segment of more than 255 bytes";
  }
  return undefined;
}
