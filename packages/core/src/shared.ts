declare const held: unique symbol;

/**
 * A handle to a value that is stored once per session, by content, and fetched once per worker.
 *
 * It is small and travels anywhere inside an input or a result; the value itself does not travel with it. A task gets the
 * value where the handle was given as an argument, or by `ctx.get(handle)`. Handles of equal values are interchangeable.
 */
export class Shared<T> {
  /** Names the stored bytes; 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Size of what is stored. */
  readonly bytes: number;
  /** Never there: it makes `Shared<T>` carry `T` for the compiler. */
  declare readonly [held]?: T;

  constructor(sha256: string, bytes: number) {
    this.sha256 = sha256;
    this.bytes = bytes;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether `value` is a {@link Shared}, of this copy of the package or of another: a task's program is bundled with its own. */
export function isShared(value: unknown): value is Shared<unknown> {
  return typeof value === "object" && value !== null && Object.hasOwn(value, brand);
}

const brand = Symbol.for("skyburst.shared");
