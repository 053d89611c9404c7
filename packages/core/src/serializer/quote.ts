/** A string as JSON, the same text as `JSON.stringify` gives, lone surrogates escaped. */
export function quote(text: string): string {
  // A regular expression beats the call into JSON.stringify on short strings only.
  return text.length > LONG || SPECIAL.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** `{"key":`, for the first key of an object. */
export function firstKey(key: string): string {
  return FIRST.get(key) ?? remember(FIRST, key, `{${quote(key)}:`);
}

/** `,"key":` */
export function nextKey(key: string): string {
  return NEXT.get(key) ?? remember(NEXT, key, `,${quote(key)}:`);
}

/** The same few keys come again in every object; keys that are content, as of a dictionary, must not fill the memory. */
function remember(texts: Map<string, string>, key: string, text: string): string {
  if (texts.size >= MOST_KEYS) texts.clear();
  if (key.length <= LONG) texts.set(key, text);
  return text;
}

const LONG = 64;
const MOST_KEYS = 1024;
// oxlint-disable-next-line no-control-regex
const SPECIAL = /["\\\u0000-\u001f\ud800-\udfff]/;
const FIRST = new Map<string, string>();
const NEXT = new Map<string, string>();
