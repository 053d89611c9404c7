/**
 * A value as text that tells apart all that the serializer keeps: types, order, -0, bytes, and which objects are one and
 * the same. Written without a look at the serializer, to be compared with.
 */
export function shape(value: unknown, seen: Map<unknown, number> = new Map()): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null)
    return Object.is(value, -0) ? "-0" : `${typeof value} ${String(value)}`;
  const known = seen.get(value);
  if (known !== undefined) return `#${known}`;
  seen.set(value, seen.size);
  const prototype: unknown = Object.getPrototypeOf(value);
  const made = typeof prototype === "object" && prototype !== null ? Reflect.get(prototype, "constructor") : undefined;
  return `${typeof made === "function" ? made.name : "none"}(${content(value, (inner) => shape(inner, seen))})`;
}

function content(value: object, inside: (inner: unknown) => string): string {
  if (value instanceof Map) return [...value].map(([key, item]) => `${inside(key)}=>${inside(item)}`).join();
  if (value instanceof Set) return [...value].map(inside).join();
  if (value instanceof Date) return String(value.getTime());
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString("hex");
  const hidden =
    value instanceof Error ? ["name", "message", "stack", "cause", "errors"].filter((key) => key in value) : [];
  return [...hidden, ...Object.keys(value)]
    .map((key) => `${JSON.stringify(key)}:${inside(Reflect.get(value, key))}`)
    .join();
}
