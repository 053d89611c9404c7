/** A store said that it has no room for an object. It may have some for others that are smaller. */
export function isFull(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "full";
}
