import type { Json } from "@skyburst/core";

const placeholder = /\{([A-Za-z_][\w.-]*)?\}/g;

/**
 * The command for one input: `{}` is the input, `{name}` a field of it. Text goes in as it is, anything else as JSON. A
 * command without any placeholder gets the input as its last argument, as xargs and parallel do it.
 *
 * @throws {TypeError} naming a field that the input does not have.
 */
export function substitute(argv: readonly string[], input: Json): string[] {
  let used = false;
  const filled = argv.map((argument) => {
    if (!argument.includes("{")) return argument;
    return argument.replace(placeholder, (_, name: string | undefined) => {
      used = true;
      return name === undefined ? textOf(input) : textOf(fieldOf(input, name));
    });
  });
  return used ? filled : [...filled, textOf(input)];
}

function fieldOf(input: Json, name: string): Json {
  const value =
    typeof input === "object" && input !== null && !Array.isArray(input) && Object.hasOwn(input, name)
      ? (input as { readonly [key: string]: Json })[name]
      : undefined;
  if (value === undefined)
    throw new TypeError(`The input has no field ${JSON.stringify(name)}, which the command asks for by {${name}}.`);
  return value;
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
