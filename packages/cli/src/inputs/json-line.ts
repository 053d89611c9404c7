/**
 * Where the line that begins at `at` ends, if it is one value of JSON; 0 when it is not, or when only `JSON.parse` can tell.
 * What is accepted here `JSON.parse` accepts too, but no value is made of it: that takes a third of the time.
 *
 * @param bytes UTF-8 that ends in a newline.
 */
export function endOfJsonLine(bytes: Uint8Array, at: number): number {
  const end = afterSpace(bytes, afterValue(bytes, afterSpace(bytes, at), 0));
  return bytes[end] === newline ? end + 1 : 0;
}

// Each of these tells where something ends. What is wrong ends nowhere, where every byte is undefined and fits nothing.
const nowhere = Number.MAX_SAFE_INTEGER;

function afterValue(bytes: Uint8Array, at: number, depth: number): number {
  const byte = bytes[at];
  if (byte === quote) return afterString(bytes, at + 1);
  if (byte === openBrace) return afterObject(bytes, at + 1, depth + 1);
  if (byte === openBracket) return afterArray(bytes, at + 1, depth + 1);
  if (byte === letterT) return afterWord(bytes, at, TRUE);
  if (byte === letterF) return afterWord(bytes, at, FALSE);
  if (byte === letterN) return afterWord(bytes, at, NULL);
  return afterNumber(bytes, at);
}

function afterObject(bytes: Uint8Array, start: number, depth: number): number {
  if (depth > mostDepth) return nowhere;
  let at = afterSpace(bytes, start);
  if (bytes[at] === closeBrace) return at + 1;
  for (;;) {
    if (bytes[at] !== quote) return nowhere;
    at = afterSpace(bytes, afterString(bytes, at + 1));
    if (bytes[at] !== colon) return nowhere;
    at = afterSpace(bytes, afterValue(bytes, afterSpace(bytes, at + 1), depth));
    if (bytes[at] === closeBrace) return at + 1;
    if (bytes[at] !== comma) return nowhere;
    at = afterSpace(bytes, at + 1);
  }
}

function afterArray(bytes: Uint8Array, start: number, depth: number): number {
  if (depth > mostDepth) return nowhere;
  let at = afterSpace(bytes, start);
  if (bytes[at] === closeBracket) return at + 1;
  for (;;) {
    at = afterSpace(bytes, afterValue(bytes, at, depth));
    if (bytes[at] === closeBracket) return at + 1;
    if (bytes[at] !== comma) return nowhere;
    at = afterSpace(bytes, at + 1);
  }
}

/** `start`: behind the quote that opens it. */
function afterString(bytes: Uint8Array, start: number): number {
  for (let at = start; ; at++) {
    const byte = bytes[at]!;
    // Nearly all of them.
    if (byte > quote && byte !== backslash) continue;
    if (byte === quote) return at + 1;
    if (byte === backslash) {
      if (!ESCAPES.includes(bytes[++at]!)) return nowhere;
    } else if (!(byte >= space)) return nowhere;
  }
}

function afterNumber(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === minus ? start + 1 : start;
  const whole = at;
  at = afterDigits(bytes, at);
  if (at === whole || (bytes[whole] === zero && at > whole + 1)) return nowhere;
  if (bytes[at] === point) {
    const fraction = at + 1;
    at = afterDigits(bytes, fraction);
    if (at === fraction) return nowhere;
  }
  if (bytes[at] !== letterE && bytes[at] !== capitalE) return at;
  const sign = bytes[at + 1];
  const exponent = sign === plus || sign === minus ? at + 2 : at + 1;
  at = afterDigits(bytes, exponent);
  return at === exponent ? nowhere : at;
}

function afterDigits(bytes: Uint8Array, at: number): number {
  while (bytes[at]! >= zero && bytes[at]! <= nine) at++;
  return at;
}

function afterWord(bytes: Uint8Array, at: number, word: Uint8Array): number {
  for (let n = 0; n < word.length; n++) if (bytes[at + n] !== word[n]) return nowhere;
  return at + word.length;
}

function afterSpace(bytes: Uint8Array, at: number): number {
  if (bytes[at]! > space) return at;
  while (bytes[at] === space || bytes[at] === tab || bytes[at] === carriageReturn) at++;
  return at;
}

/** Deeper values are left to `JSON.parse`, which has no stack to run out of. */
const mostDepth = 100;

const newline = 10;
const tab = 9;
const carriageReturn = 13;
const space = 32;
const quote = 34;
const plus = 43;
const comma = 44;
const minus = 45;
const point = 46;
const zero = 48;
const nine = 57;
const colon = 58;
const capitalE = 69;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const letterE = 101;
const letterF = 102;
const letterN = 110;
const letterT = 116;
const openBrace = 123;
const closeBrace = 125;
/** All but `\u`, which is left to `JSON.parse`. */
const ESCAPES = Buffer.from('"\\/bfnrt');
const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");
const NULL = Buffer.from("null");
