import { quote } from "./quote.ts";
import type { CommandSlotOptions } from "./command.ts";

export type Environment = Readonly<Record<string, string>>;

/** What every command of a slot sees, before its own additions. */
export function slotEnvironment({ env = process.env, label, number = 0 }: CommandSlotOptions): Environment {
  const all = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (label !== undefined) all.push(["SKYBURST_WORKER", label], ["SKYBURST_SLOT", String(number)]);
  return Object.fromEntries(all);
}

/**
 * Splits an environment into what a shell hands on unchanged, and what it would drop, obey or rewrite. Dash does so with fewer
 * than others: `HOSTNAME`, which every container has, is none of them.
 */
export function splitEnvironment(
  env: Environment,
  { isDash }: { readonly isDash: boolean },
): { plain: Environment; awkward: Environment } {
  const entries = Object.entries(env);
  const awkwardHere = (name: string) => !IDENTIFIER.test(name) || (isDash ? OWN_OF_DASH : OWN).test(name);
  return {
    plain: Object.fromEntries(entries.filter(([name]) => !awkwardHere(name))),
    awkward: Object.fromEntries(entries.filter(([name]) => awkwardHere(name))),
  };
}

/** `A='1' B='2'`, as `export` and env(1) take it. */
export function assignments(env: Environment): string {
  return Object.entries(env)
    .map(([name, value]) => `${name.match(IDENTIFIER) ? name : quote(name)}=${quote(value)}`)
    .join(" ");
}

/** Shells keep a level and the working directory themselves: right when inherited, wrong to be assigned. */
export function isAwkwardToAssign(name: string): boolean {
  return isAwkward(name) || BOOKKEEPING.test(name);
}

function isAwkward(name: string): boolean {
  return !IDENTIFIER.test(name) || OWN.test(name);
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Variables by which a shell is configured (it would obey them) which it computes (it would overwrite or refuse them), or which our loop uses. */
const OWN =
  /^(?:__[a-z]|BASH.*|COMP_.*|DIRSTACK|CDPATH|COLUMNS|ENV|EPOCH(?:SECONDS|REALTIME)|E?UID|FUNC(?:NAME|NEST)|GLOBIGNORE|GROUPS|HIST.*|HOST(?:NAME|TYPE)|IFS|LINENO|LINES|MACHTYPE|OPT(?:ARG|ERR|IND)|OSTYPE|PIPESTATUS|POSIXLY_CORRECT|PPID|PS[0-4]|REPLY|S?RANDOM|SECONDS|SHELLOPTS|TIMEFORMAT|TMOUT)$/;
const OWN_OF_DASH = /^(?:__[a-z]|ENV|FUNCNEST|IFS|LINENO|MAIL(?:PATH)?|OPT(?:ARG|ERR|IND)|PPID|PS[0-4])$/;
const BOOKKEEPING = /^(?:_|OLDPWD|PWD|SHLVL)$/;
