import { Shared } from "@skyburst/core";

const CLASSES: readonly unknown[] = [
  Object,
  Array,
  Function,
  String,
  Number,
  Boolean,
  Map,
  Set,
  Date,
  RegExp,
  URL,
  Promise,
  DataView,
  Error,
  TypeError,
  RangeError,
  EvalError,
  ReferenceError,
  SyntaxError,
  URIError,
  AggregateError,
  ArrayBuffer,
  Buffer,
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  Shared,
];

/** Those that values may have. */
export const PROTOTYPES: ReadonlySet<unknown> = new Set(CLASSES.map((it) => prototypeOf(it)));

/** Does something, and tells whose prototype it has changed, after it was put right again. */
export function watched(act: () => void): string | undefined {
  const before = CLASSES.map((it) => Reflect.ownKeys(prototypeOf(it)));
  act();
  let harmed: string | undefined;
  for (const [at, it] of CLASSES.entries()) {
    const known = new Set(before[at]);
    for (const key of Reflect.ownKeys(prototypeOf(it))) {
      if (known.has(key)) continue;
      harmed ??= typeof it === "function" ? it.name : "";
      Reflect.deleteProperty(prototypeOf(it), key);
    }
  }
  return harmed;
}

function prototypeOf(it: unknown): object {
  return (it as { readonly prototype: object }).prototype;
}
