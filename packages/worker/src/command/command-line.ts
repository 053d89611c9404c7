import { existsSync } from "node:fs";
import { assignments, isAwkwardToAssign, type Environment } from "./environment.ts";
import { quote, quoteShortly } from "./quote.ts";
import type { PlacedCommand } from "./slot.ts";

export interface LineOptions {
  /** What the shell could not carry of the slot's environment. */
  readonly awkward: Environment;
  /** Path of setsid(1) where the shell can't make process groups itself. */
  readonly setsid: string | undefined;
}

/**
 * The line that has a loop run this command, or undefined when no line says it exactly: words too long for a shell that reads
 * byte by byte, or a program's name that `exec` or env(1) would take for an option or an assignment.
 */
export function commandLine(command: PlacedCommand, { awkward, setsid }: LineOptions): string | undefined {
  const { argv, cwd, env = {}, stdinFile, directory } = command;
  const [program = ""] = argv;
  const words = argv.map(quoteShortly).join(" ");
  if (program.startsWith("-") || words.length > LONGEST_LINE) return undefined;
  if (cwd === undefined && command.env === undefined && stdinFile === undefined && isEmpty(awkward))
    return `r ${words}\n`;

  const own = Object.entries(env);
  const viaEnv = { ...awkward, ...Object.fromEntries(own.filter(([name]) => isAwkwardToAssign(name))) };
  const exported = Object.fromEntries(own.filter(([name]) => !isAwkwardToAssign(name)));
  if (!isEmpty(viaEnv) && (program.includes("=") || "" in viaEnv || !hasEnv())) return undefined;
  const steps = [
    ...(cwd === undefined ? [] : [`cd -- ${quote(directory)} || exit 127`]),
    ...(isEmpty(exported) ? [] : [`export ${assignments(exported)}`]),
    ["exec", setsid ?? "", isEmpty(viaEnv) ? "" : `${envPath} -- ${assignments(viaEnv)}`, words, "4>&- 6>&-"].join(" "),
  ];
  const line = `{ ${steps.join("; ")}; } 2>&6 <${quote(stdinFile ?? "/dev/null")} & w\n`;
  return line.length > LONGEST_LINE ? undefined : line;
}

/** The line for a queue shell, or undefined when no line says it exactly. `folder` is that of its pipes. */
export function queueLine(
  command: PlacedCommand,
  { base, awkward, folder, pair, quick }: QueueLineOptions,
): string | undefined {
  const { argv, directory, env = {}, stdinFile } = command;
  const [program = ""] = argv;
  let parameters = "";
  for (let n = 1; n < argv.length; n++) parameters += ` ${quoteShortly(argv[n] ?? "")}`;
  const words = quoteShortly(program) + parameters;
  if (program.startsWith("-") || words.length > LONGEST_LINE) return undefined;
  const stdin = stdinFile === undefined ? "" : ` <${quote(stdinFile)}`;
  const elsewhere = directory !== base;
  if (!elsewhere && isEmpty(env) && isEmpty(awkward))
    return quick === undefined
      ? `__f ${pair} ${words}${stdin}\n`
      : `__r ${pair} ${quoteShortly(quick)}${parameters}${stdin}\n`;
  const own = Object.entries(env);
  const viaEnv = { ...awkward, ...Object.fromEntries(own.filter(([name]) => isAwkwardToAssign(name))) };
  const exported = Object.fromEntries(own.filter(([name]) => !isAwkwardToAssign(name)));
  if (!isEmpty(viaEnv) && (program.includes("=") || "" in viaEnv || !hasEnv())) return undefined;
  const steps = [
    ...(elsewhere ? [`cd -- ${quote(directory)} || exit 127`] : []),
    ...(isEmpty(exported) ? [] : [`export ${assignments(exported)}`]),
    `exec ${isEmpty(viaEnv) ? "" : `${envPath} -- ${assignments(viaEnv)}`} ${words}`,
  ];
  const [out, err] = [quote(`${folder}/o${pair}`), quote(`${folder}/e${pair}`)];
  return `if $__g; then (${steps.join("; ")}) >${out} 2>${err}${stdin}; echo $?; else echo s; fi\n`;
}

export interface QueueLineOptions {
  /** Where the shell is. */
  readonly base: string;
  readonly awkward: Environment;
  readonly folder: string;
  /** Number of the pipes that its output goes to. */
  readonly pair: number;
  /** What `quickly` says, for a shell that may run it itself, should it be plain enough. */
  readonly quick: string | undefined;
}

/** By what name a shell finds the program itself; undefined when that is a builtin's. `file`: where it is, as far as is known. */
export function quickly(
  { argv: [program = "", first = ""] }: PlacedCommand,
  file: string | undefined,
): string | undefined {
  if (program.includes("/") || !BUILTINS.has(program)) return program;
  // They tell their name to nobody who doesn't ask.
  return /^(?:true|false)$/.test(program) && !first.startsWith("-") ? file : undefined;
}

/** Of dash; two underscores begin a function of ours. */
const BUILTINS = new Set(
  `. : [ alias bg bind break cd chdir command continue echo eval exec exit export false fc fg getopts hash histcmd jobs kill
  let local printf pwd read readonly return set setvar shift source test times trap true type ulimit umask unalias unset wait
  __f __r`.split(/\s+/),
);

function isEmpty(env: Environment): boolean {
  for (const _ in env) return false;
  return true;
}

const envPath = "/usr/bin/env";
let envIsThere: boolean | undefined;

/** Small images have none there. */
function hasEnv(): boolean {
  return (envIsThere ??= existsSync(envPath));
}

/** Bash reads a command from a socket one byte at a time (0.3 µs each): above this a fork from Node is no dearer. */
const LONGEST_LINE = 65_536;
