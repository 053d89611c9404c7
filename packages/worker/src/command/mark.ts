import { readFileSync } from "node:fs";
import type { Environment } from "./environment.ts";

/** Variables that tell whose slot a process belongs to: it keeps them when it leaves its parent and its process group, as a daemon does. */
const names = ["SKYBURST_WORKER", "SKYBURST_SLOT"] as const;

/** What the commands of one slot are known by. */
export interface Mark {
  /** `NAME=value`, all of which a process of the slot was started with. */
  readonly variables: readonly string[];
  /** What the first process has adopted and bears nobody's mark is of this slot, too: nobody else starts processes where this worker is. */
  readonly alone: boolean;
}

/** The mark in the environment of a slot, if it is there whole. */
export function markOf(env: Environment, alone: boolean): Mark | undefined {
  const variables = names.flatMap((name) => (env[name] === undefined ? [] : [`${name}=${env[name]}`]));
  return variables.length === names.length ? { variables, alone } : undefined;
}

/** False also where nobody may look. */
export function bears({ pid, parent }: { readonly pid: number; readonly parent: number }, mark: Mark): boolean {
  const { variables, alone } = mark;
  const own = variablesOf(pid);
  if (own === undefined) return false;
  if (alone && parent === 1 && !own.some((variable) => variable.startsWith(`${names[0]}=`))) return true;
  return variables.every((variable) => own.includes(variable));
}

function variablesOf(pid: number): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    // It ended while it was looked at, or is another user's.
    return undefined;
  }
}
