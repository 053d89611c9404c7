import { types } from "node:util";

/** What something is that cannot travel, and what to pass instead. */
export function describe(value: unknown): { readonly what: string; readonly instead: string } {
  if (typeof value === "function") return describeFunction(value.name);
  if (typeof value === "symbol") return { what: `a symbol (${String(value)})`, instead: "Use a string." };
  if (types.isProxy(value)) return { what: "a proxy", instead: "Pass what it stands for, as plain data." };
  if (ArrayBuffer.isView(value) && types.isSharedArrayBuffer(value.buffer)) {
    return { what: "a view on a SharedArrayBuffer", instead: "Pass a copy, as `view.slice()` makes one." };
  }
  const name = className(value);
  const advice = ADVICE.find(([names]) => names.test(name));
  if (advice !== undefined) return { what: `a ${name}`, instead: advice[1] };
  return {
    what: name === "" ? "an object with a prototype of its own" : `an instance of ${name}`,
    instead: "Pass its fields as a plain object, and rebuild it on the other side.",
  };
}

function describeFunction(name: string): { what: string; instead: string } {
  if (name === "toJSON") return { what: "a function (toJSON)", instead: "It is not called: pass what it returns." };
  return {
    what: name === "" ? "a function" : `a function (${name})`,
    instead: "Pass data, and have the function in the task's module.",
  };
}

function className(value: unknown): string {
  const prototype: unknown = typeof value === "object" && value !== null ? Object.getPrototypeOf(value) : undefined;
  const made: unknown =
    typeof prototype === "object" && prototype !== null ? Reflect.get(prototype, "constructor") : undefined;
  if (typeof made === "function" && made.name !== "" && made.name !== "Object") return made.name;
  return Object.prototype.toString
    .call(value)
    .slice(8, -1)
    .replace(/^Object$/, "");
}

const ADVICE: readonly (readonly [names: RegExp, instead: string])[] = [
  [/^Promise$/, "Await it first."],
  [/^Weak(Map|Set|Ref)$/, "Pass what it holds, in an array, a Map or a Set."],
  [/^SharedArrayBuffer$/, "Pass a copy: `new Uint8Array(buffer).slice()`."],
  [/Stream$|^(Readable|Writable|Duplex|Transform|PassThrough|Socket)$/, "Read it to its end and pass the bytes."],
  [/^(Blob|File|Response|Request)$/, "Pass `new Uint8Array(await it.arrayBuffer())`."],
  [/Iterator$|Generator(Function)?$/, "Pass an array: `[...it]`."],
  [/^(URLSearchParams|Headers|FormData)$/, "Pass its entries: `[...it]`."],
  [/^(Number|String|Boolean|BigInt|Symbol)$/, "Pass the primitive: `it.valueOf()`."],
];
