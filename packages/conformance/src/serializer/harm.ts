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

/** What does something, and tells whose prototype it has changed by it, after that was put right again. */
export type Watch = (act: () => void) => string | undefined;

export function watch(): Watch {
  const before = CLASSES.map((it) => new Set(Reflect.ownKeys(prototypeOf(it))));
  return (act) => {
    act();
    return CLASSES.map((it, at) => restored(it, before[at] ?? new Set())).find((name) => name !== undefined);
  };
}

function restored(it: unknown, known: ReadonlySet<PropertyKey>): string | undefined {
  const prototype = prototypeOf(it);
  const added = Reflect.ownKeys(prototype).filter((key) => !known.has(key));
  for (const key of added) Reflect.deleteProperty(prototype, key);
  return added.length === 0 ? undefined : typeof it === "function" ? it.name : "";
}

function prototypeOf(it: unknown): object {
  return (it as { readonly prototype: object }).prototype;
}
