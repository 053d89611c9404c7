import assert from "node:assert/strict";
import { Shared } from "@skyburst/core";
import type { ValueKind } from "./facts.ts";

/** A value, and what has to be true of it when it has arrived. Default: it is deeply and strictly equal. */
export interface Sample {
  readonly value: unknown;
  readonly check?: (arrived: unknown) => void;
}

/** Values that JSON holds without loss. */
export const PLAIN: readonly unknown[] = [
  null,
  true,
  0,
  1.5e-300,
  -12,
  "",
  'text, "quotes", \\, \n and \u2028',
  "\ud800 half a pair, \u{1F680}",
  [],
  {},
  [[1, [2, [3]]], "a", null],
  { a: { b: [{ c: "d" }] }, "": 0, "a.b": 1, "0": 2, length: 3 },
  Array.from({ length: 100 }, (_, at) => at / 7),
];

/** What is not JSON, by kind. */
export const SAMPLES: Readonly<Record<ValueKind, readonly Sample[]>> = {
  undefined: [{ value: { a: undefined } }, { value: [undefined, 1] }],
  numbers: [-0, Number.NaN, Infinity, -Infinity].flatMap((value) => [{ value }, { value: { deep: [value] } }]),
  bigint: [{ value: 12_345_678_901_234_567_890n }, { value: [-1n, 0n] }],
  Date: [
    { value: new Date(1_700_000_000_123) },
    { value: { at: new Date(-1) } },
    { value: new Date(Number.NaN), check: (it) => assert.ok(it instanceof Date && Number.isNaN(it.getTime())) },
  ],
  RegExp: [{ value: /a\/b+[\]\\/]/giu }, { value: [/\n/] }],
  URL: [
    {
      value: new URL("https://user@example.com:81/a%20b?q=1#f"),
      check: (it) => assert.ok(it instanceof URL && it.href === "https://user@example.com:81/a%20b?q=1#f"),
    },
  ],
  Map: [
    {
      value: new Map<unknown, unknown>([
        ["a", 1],
        [2, { b: [] }],
        [null, "c"],
      ]),
    },
    {
      value: {
        inside: new Map([
          ["z", new Map()],
          ["a", new Map([[1, 2]])],
        ]),
      },
    },
  ],
  Set: [{ value: new Set<unknown>(["b", 1, null]) }, { value: [new Set(), new Set([{ a: 1 }])] }],
  Error: [
    { value: failing(), check: (it) => assert.deepEqual(described(it), described(failing())) },
    { value: new RangeError("far"), check: (it) => assert.ok(it instanceof RangeError && it.message === "far") },
  ],
  bytes: [
    { value: Uint8Array.from([0, 1, 254, 255]) },
    { value: { deep: [Float64Array.from([1.5, -0, Number.NaN]), BigInt64Array.from([-1n])] } },
    { value: new Uint16Array(Uint16Array.from([1, 2, 3, 4, 5]).buffer, 2, 3), check: isView },
    { value: Uint8Array.from([7, 8]).buffer },
    { value: Buffer.from("text") },
    { value: new DataView(Uint8Array.from([1, 2, 3]).buffer, 1) },
  ],
  Shared: [
    {
      value: { table: new Shared("ab".repeat(32), 7) },
      check: (it) => isHandle(isRecord(it) && it.table, "ab".repeat(32), 7),
    },
  ],
  keys: [{ value: oddKeys(), check: (it) => assert.deepEqual(Object.entries(Object(it)), Object.entries(oddKeys())) }],
  references: [
    { value: twice([1]), check: isOnce },
    { value: twice({ a: 1 }), check: isOnce },
  ],
  cycles: [{ value: circle(), check: (it) => assert.ok(isRecord(it) && isRecord(it.next) && it.next.back === it) }],
};

function failing(): Error {
  const error = Object.assign(new TypeError("no", { cause: { why: "x" } }), { code: "E_NO" });
  error.stack = "TypeError: no\n    at there.ts:1:2";
  return error;
}

function described(it: unknown): unknown {
  if (!(it instanceof TypeError)) return `${typeof it}, no TypeError`;
  return { message: it.message, stack: it.stack, cause: it.cause, code: "code" in it ? it.code : undefined };
}

function isView(it: unknown): void {
  assert.deepEqual(it, Uint16Array.from([2, 3, 4]));
  assert.equal((it as Uint16Array).buffer.byteLength, 6, "only the viewed part travels");
}

/** Of whatever copy of core it is. */
export function isHandle(it: unknown, sha256: string, bytes: number): void {
  assert.ok(isRecord(it) && it.constructor.name === "Shared", "it is a handle");
  assert.deepEqual([it.sha256, it.bytes], [sha256, bytes]);
}

/** As `JSON.parse` makes them: own properties, whatever their names mean to JavaScript. */
function oddKeys(): object {
  return JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":2},"toString":3}') as object;
}

function twice(value: object): unknown {
  return { first: value, second: [value] };
}

function isOnce(it: unknown): void {
  assert.ok(isRecord(it) && Array.isArray(it.second) && it.first === it.second[0], "one object is one object again");
}

function circle(): unknown {
  const start: Record<string, unknown> = { name: "start" };
  start.next = { back: start };
  return start;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
