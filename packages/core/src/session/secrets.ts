import type { Backend, WorkerSpec } from "../backend.ts";
import { SkyburstError } from "../errors.ts";

/**
 * What tasks need and nobody else is to see, by the name of the environment variable that holds it: letters, digits and underscores, the
 * first no digit, and not `SKYBURST_…`. A value has at least one byte and at most 65,536, and no zero byte.
 */
export type Secrets = Readonly<Record<string, string>>;

/** More than a key or a certificate, and less than what a system lets pass as one variable. */
const mostBytes = 65_536;

const variable = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** @throws {SkyburstError} `option`, naming the secret, and never its value. */
export function checkSecrets(secrets: Secrets | undefined, spec: WorkerSpec = {}): void {
  for (const [name, value] of Object.entries(secrets ?? {})) {
    const fault = nameFault(name) ?? valueFault(value);
    if (fault !== undefined) throw new SkyburstError("option", `The secret ${JSON.stringify(name)} ${fault}.`);
    if (spec.env?.[name] !== undefined)
      throw new SkyburstError("option", `${name} is given as a secret and in spec.env: leave it out of one of them.`);
  }
}

/** Names as they are kept with the session: the same ones in the same order, however they were given. */
export function secretNames(secrets: Secrets | undefined): readonly string[] {
  return Object.keys(secrets ?? {}).sort();
}

/**
 * The values for who starts workers of a session that is there: all that it has, and no others.
 *
 * @param names As its ledger has them.
 * @throws {SkyburstError} `option`, naming those that are missing, or too many.
 */
export function secretsOf(session: string, names: readonly string[] = [], given: Secrets = {}): Secrets {
  const missing = names.filter((name) => given[name] === undefined);
  if (missing.length > 0)
    throw new SkyburstError(
      "option",
      `Workers of session ${session} need ${listed(missing)}, and nobody keeps what they are: give them again by \`secrets\`.`,
    );
  const beyond = Object.keys(given).filter((name) => !names.includes(name));
  if (beyond.length > 0)
    throw new SkyburstError(
      "option",
      `Session ${session} was begun without ${listed(beyond)}: what its workers are given is fixed when a session begins.`,
    );
  return given;
}

/** @throws {SkyburstError} `option` when the backend has no way to hand them over. */
export function checkKeepsSecrets({ name, capabilities }: Backend, names: readonly string[] = []): void {
  if (names.length === 0 || capabilities.secrets) return;
  throw new SkyburstError(
    "option",
    `The ${name} backend has no way to hand ${listed(names)} to workers: leave it out, or use another backend.`,
  );
}

function nameFault(name: string): string | undefined {
  if (!variable.test(name)) return "is no name of a variable: use letters, digits and underscores, the first no digit";
  return name.startsWith("SKYBURST_") ? "has a name that Skyburst keeps for itself: call it otherwise" : undefined;
}

function valueFault(value: unknown): string | undefined {
  if (typeof value !== "string") return `is of type ${typeof value}: give a text`;
  if (value === "") return "is empty: give its value, or leave it out";
  if (value.includes("\0")) return "holds a zero byte, which no variable can: encode it, as by base64";
  const bytes = Buffer.byteLength(value);
  return bytes > mostBytes ? `has ${bytes} bytes: give at most ${mostBytes}` : undefined;
}

function listed(names: readonly string[]): string {
  return `the secret${names.length === 1 ? "" : "s"} ${names.join(", ")}`;
}
