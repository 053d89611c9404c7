/**
 * The parts of an error that travel: name, message, stack, and where it has them code, cause and (of an AggregateError)
 * errors. What else hangs on an error is often a socket or a request, so it stays behind.
 */
export function errorFields(error: Error): object {
  // What the types say of these is not always so.
  const { name, message, stack }: { readonly name: unknown; readonly message: unknown; readonly stack?: unknown } =
    error;
  const fields: Record<string, unknown> = { name: String(name), message: String(message) };
  if (typeof stack === "string") fields["stack"] = stack;
  if ("code" in error && error.code !== undefined) fields["code"] = error.code;
  if (Object.hasOwn(error, "cause")) fields["cause"] = error.cause;
  if (error instanceof AggregateError) fields["errors"] = error.errors;
  return fields;
}

/** An error without its `code`, `cause` and `errors`, which may not be there yet: an Error, or the built-in subclass of that name. */
export function errorOf(fields: Readonly<Record<string, unknown>>): Error {
  const name = typeof fields["name"] === "string" ? fields["name"] : "Error";
  const message = typeof fields["message"] === "string" ? fields["message"] : "";
  const error = Object.hasOwn(fields, "errors")
    ? new AggregateError([], message)
    : new (BUILT_IN.get(name) ?? Error)(message);
  if (error.name !== name) hide(error, "name", name);
  hide(error, "stack", typeof fields["stack"] === "string" ? fields["stack"] : `${name}: ${message}`);
  return error;
}

export function completeError(error: Error, fields: Readonly<Record<string, unknown>>): void {
  if (Object.hasOwn(fields, "code")) Object.assign(error, { code: fields["code"] });
  if (Object.hasOwn(fields, "cause")) hide(error, "cause", fields["cause"]);
  if (Object.hasOwn(fields, "errors")) hide(error, "errors", fields["errors"]);
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
}

const BUILT_IN: ReadonlyMap<string, new (message: string) => Error> = new Map(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((kind) => [kind.name, kind]),
);
