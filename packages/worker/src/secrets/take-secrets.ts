import { readFileSync } from "node:fs";
import { Mask } from "./mask.ts";

/** A value that opens the store is masked as well if it is as long as keys are: a user name would be found in other words. */
const likeKey = 16;

/**
 * Takes what nobody is to see who looks at this process from outside, which comes on its standard input, once, or is in its environment
 * already. It is part of the environment from then on. undefined: there is nothing to mask in what tasks print.
 *
 * @param names What tasks were promised.
 * @throws {Error} naming what did not come: without it they would do something else.
 */
export function takeSecrets(names: readonly string[] = []): Mask | undefined {
  const handed = fromInput();
  Object.assign(process.env, handed);
  const missing = names.filter((name) => process.env[name] === undefined);
  if (missing.length > 0)
    throw new Error(`This worker was launched without the secret ${missing.join(", ")}: its backend lost it.`);
  const keys = Object.keys(handed).filter((name) => (handed[name]?.length ?? 0) >= likeKey);
  const masked = [...new Set([...names, ...keys])].map((name) => [name, process.env[name] ?? ""] as const);
  return masked.length === 0 ? undefined : new Mask(Object.fromEntries(masked));
}

function fromInput(): Readonly<Record<string, string>> {
  if (process.env.SKYBURST_SECRETS !== "stdin") return {};
  delete process.env.SKYBURST_SECRETS;
  return JSON.parse(readFileSync(0, "utf8")) as Readonly<Record<string, string>>;
}
