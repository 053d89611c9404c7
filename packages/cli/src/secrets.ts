import { readFileSync } from "node:fs";
import type { Secrets } from "@skyburst/core";
import { CliError } from "./errors.ts";

/** How each secret is come by, by its name: what is not needed is not read. */
export type SecretSources = ReadonlyMap<string, () => string>;

/**
 * Secrets of `--secret NAME`, which is the value that the variable has here, and of `--secret NAME=@FILE`, which is what the file holds, byte
 * for byte. What is asked for on the command line is read at once, so that a mistake is told before anything begins.
 *
 * @param configured The same, of the configuration. The command line wins.
 * @throws {CliError} `usage`. No message holds what may be a value.
 */
export function secretSources(given: readonly string[] = [], configured: readonly string[] = []): SecretSources {
  const asked = given.map((text): [string, () => string] => {
    const [name, read] = sourceOf(text);
    const value = read();
    return [name, () => value];
  });
  return new Map([...configured.map(sourceOf), ...asked]);
}

/** @param names Of a session that is there. Default: all. @throws {CliError} `usage`, naming those that were not given. */
export function readSecrets(sources: SecretSources, names: readonly string[] = [...sources.keys()]): Secrets {
  const missing = names.filter((name) => !sources.has(name));
  if (missing.length > 0)
    throw new CliError(
      "usage",
      `workers of this session need what it was begun with, and nobody keeps it: give ${missing.map((name) => `--secret ${name}`).join(" ")}.`,
    );
  return Object.fromEntries(names.map((name) => [name, sources.get(name)?.() ?? ""]));
}

/** Says that secrets come on a process's standard input, as one JSON object. */
export const secretsVariable = "SKYBURST_SECRETS";

/** What this process was handed by the one that started it. undefined: nothing. */
export function handedSecrets(): Secrets | undefined {
  if (process.env[secretsVariable] !== "stdin") return undefined;
  delete process.env[secretsVariable];
  return JSON.parse(readFileSync(0, "utf8")) as Secrets;
}

function sourceOf(text: string): [string, () => string] {
  const [, name = "", file] = /^([^=]*)(?:=@(.+))?$/s.exec(text) ?? [];
  if (name !== "") return [name, () => (file === undefined ? variableOf(name) : contentOf(name, file))];
  const before = text.split("=", 1)[0] || "NAME";
  throw new CliError(
    "usage",
    `--secret ${before}: give ${before}, whose value is that of the variable here, or ${before}=@FILE; what stands on a command line is seen by every user of the machine.`,
  );
}

function variableOf(name: string): string {
  const value = process.env[name];
  if (value !== undefined) return value;
  throw new CliError(
    "usage",
    `--secret ${name}: no such variable is set here. Set it, or give --secret ${name}=@FILE.`,
  );
}

function contentOf(name: string, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (cause) {
    const why = cause instanceof TypeError ? "it is no UTF-8 text: encode it, as by base64" : reasonOf(cause);
    throw new CliError("usage", `--secret ${name}=@${file} can't be read: ${why}.`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
