import { quote } from "./quote.ts";

/** Pipes in the folder of a queue shell. A command that was sent ahead has a pair for its output to itself. */
export function pipes(folder: string, pairs: number) {
  return {
    lines: `${folder}/lines`,
    reports: `${folder}/reports`,
    out: Array.from({ length: pairs }, (_, pair) => `${folder}/o${pair}`),
    err: Array.from({ length: pairs }, (_, pair) => `${folder}/e${pair}`),
  };
}

/**
 * What the shell is started with: it makes the pipes, the first pairs of them only, and becomes one that reads its program from
 * `lines`. What watches for this process's end makes the others when it is asked to, since most shells run one command.
 */
export function beginning(shell: string, folder: string, { first, all }: Pairs): string {
  const { lines, reports, out, err } = pipes(folder, all);
  const begin = [lines, reports, ...out.slice(0, first), ...err.slice(0, first)].map(quote).join(" ");
  const more = [...out.slice(first), ...err.slice(first)].map(quote).join(" ");
  return [
    // Node died when fd 3 ends without another line. What then runs gets a second. To sweep up takes Node longer than it takes others.
    `{ trap '' HUP INT QUIT TERM USR1 USR2 ALRM; while read -r __x; do test "$__x" = ${askMore} || break; mkfifo -m 600 ${more}; done; test "$__x" || { kill -USR1 $$; kill -TERM -$$; kill -CONT -$$; sleep 1; }; rm -rf ${quote(folder)}; test "$__x" || kill -KILL -$$; } <&3 3<&- >/dev/null &`,
    `mkfifo -m 600 ${begin} || exit 1`,
    `echo $!`,
    `exec ${quote(shell)} ${quote(lines)} 3<&-`,
  ].join("\n");
}

export interface Pairs {
  readonly first: number;
  readonly all: number;
}

/** The line on fd 3 that asks for the other pairs. */
export const askMore = "more";

/**
 * The first part of its program; the rest are lines of `queueLine`, one per command, any number of them sent ahead. Its variables
 * have names that no environment brings in (`environment.ts` sees to that).
 *
 * A report per line goes to stdout: `$?`, or `s` for a command that was skipped. SIGUSR1 has the shell skip what it was sent, from
 * the end of the running command on, until a line says otherwise.
 *
 * The shell's own stderr goes nowhere, or its notices would be the
 * command's.
 */
export function queueScript(folder: string): string {
  return [
    `__d=${quote(folder)} __g=true`,
    // A command may signal its whole process group, which is the shell's. What is trapped has its default for the command.
    `trap : HUP INT QUIT TERM USR2 ALRM`,
    `trap __g=false USR1`,
    // What the shell says of a signal would count as written.
    `exec >"$__d/reports" 2</dev/null`,
    // The usual command. Dash runs it by vfork(2), and puts a notice behind its stderr when a signal ended it. Then nothing more is
    // run, so that the notice's length can be asked for: \`notice\` of \`QueueShell\`.
    `__r() { if $__g; then __k=$1; shift; "$@" >"$__d/o$__k" 2>"$__d/e$__k"; __t=$?; echo $__t; test $__t -le 128 || __g=false; else echo s; fi; }`,
    // By fork(2): under the name of a builtin, or when it runs long enough for its output to be followed.
    `__f() { if $__g; then __k=$1; shift; (exec "$@") >"$__d/o$__k" 2>"$__d/e$__k"; echo $?; else echo s; fi; }`,
    `echo ready`,
    ``,
  ].join("\n");
}

/** Ends the skipping. */
export const resume = "__g=true\n";
