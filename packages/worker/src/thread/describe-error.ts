import type { ErrorJson } from "./slice.ts";

/** A thrown value as JSON. Of the stack only the user's own frames are left: none of Node's, and none of `ownFile`. */
export function describeError(thrown: unknown, ownFile = ownFileOf(new Error())): ErrorJson {
  return describe(thrown, ownFile, causesKept);
}

/** A chain of causes may be a ring. */
const causesKept = 10;

function describe(thrown: unknown, ownFile: string, depth: number): ErrorJson {
  if (!isErrorLike(thrown)) return { name: "Error", message: `The task threw ${shown(thrown)}, which is no error.` };
  const { name, message, stack, code, cause } = fieldsOf(thrown);
  return {
    name: typeof name === "string" ? name : "Error",
    message: typeof message === "string" ? message : shown(message),
    ...(typeof stack === "string" && { stack: clean(stack, ownFile) }),
    ...((typeof code === "string" || typeof code === "number") && { code }),
    ...(cause !== undefined && depth > 0 && { cause: describe(cause, ownFile, depth - 1) }),
  };
}

interface ErrorFields {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}

/** Errors of another realm (`vm`) are errors too, so the class does not decide. */
function isErrorLike(thrown: unknown): thrown is ErrorFields {
  return (
    thrown instanceof Error ||
    (typeof thrown === "object" && thrown !== null && "message" in thrown && "stack" in thrown)
  );
}

/** An error of the user's may have getters that throw; what it would say then is lost, the failure isn't. */
function fieldsOf(error: ErrorFields): ErrorFields {
  try {
    const { name, message, stack, code, cause } = error;
    return { name, message, stack, code, cause };
  } catch (problem) {
    return { message: `The task threw an error that can't be read: ${shown(problem)}` };
  }
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  try {
    return String(value);
  } catch {
    return `a value of type ${typeof value}`;
  }
}

/** The file of an error's first frame, as it stands in the frame. */
function ownFileOf(error: Error): string {
  return /(?:\(|at )([^\s()][^()\n]*):\d+:\d+\)?$/m.exec(error.stack ?? "")?.[1] ?? "node:";
}

const frame = /^\s+at /;
const ofNode = /(?:\(|at |async )node:/;

function clean(stack: string, ownFile: string): string {
  const own = `${ownFile}:`;
  return stack
    .split("\n")
    .filter((line) => !(frame.test(line) && (ofNode.test(line) || line.includes(own))))
    .join("\n");
}
