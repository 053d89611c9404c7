import { isAbsolute, resolve } from "node:path";
import type { JsonObject } from "@skyburst/core";
import { DirectoryStoreError } from "./errors.ts";

/**
 * What an acknowledged object survives. `"process"`: the death of every process. `"power"`: also a power cut, by fsync of
 * the file and its directories; about a disk flush or two per object.
 */
export type Durability = "process" | "power";

export interface DirectoryOptions {
  /** Default `"process"`. */
  readonly durable?: Durability | undefined;
}

/** Options with every value checked and every default in place. */
export interface Settings {
  /** Absolute. */
  readonly path: string;
  readonly durable: Durability;
}

/** The settings of `directory(path, options)`. The working directory counts now, not at the first call. */
export function settings(path: string, options: DirectoryOptions): Settings {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new DirectoryStoreError("option", `The store's \`path\` is ${show(path)}: give the path of a directory.`);
  }
  refuseUnknown(options, ["durable"]);
  return { path: resolve(path), durable: durability(options.durable) };
}

/** The settings in a store reference. A relative path would mean another directory in every process. */
export function referenced(options: JsonObject): Settings {
  const { path, durable } = options;
  refuseUnknown(options, ["path", "durable"]);
  if (typeof path !== "string" || !isAbsolute(path) || path.includes("\0")) {
    throw new DirectoryStoreError("option", `The store reference's \`path\` is ${show(path)}: give an absolute path.`);
  }
  return { path: resolve(path), durable: durability(durable) };
}

function durability(value: unknown): Durability {
  if (value === undefined) return "process";
  if (value === "process" || value === "power") return value;
  throw new DirectoryStoreError("option", `The store's \`durable\` is ${show(value)}: give "process" or "power".`);
}

function refuseUnknown(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new DirectoryStoreError(
    "option",
    `A directory store has no option \`${unknown}\`: it takes ${known.map((name) => `\`${name}\``).join(" and ")}.`,
  );
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
