import { ConformanceError } from "./errors.ts";

/** Every fact with its default in place. One that is misspelt would never be tested. */
export function withDefaults<T extends object>(facts: object, defaults: T): T {
  const unknown = Object.keys(facts).find((name) => !Object.hasOwn(defaults, name));
  if (unknown !== undefined) {
    const names = Object.keys(defaults).join(", ");
    throw new ConformanceError("option", `There is no fact \`${unknown}\` to be stated. There are ${names}.`);
  }
  const stated = Object.entries(facts).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(stated) };
}
