import { quote } from "./quote.ts";

/**
 * The program of the pre-forked loop. It is a plain shell that executes what its stdin says, one line of `commandLine` per command.
 *
 * File descriptors: 0 lines, 1 talk with Node, then the FIFO of stdout and reports, 3 held open by Node for as long as it lives,
 * 4 the ledger of process ids, 6 the FIFO of stderr. The shell's own stderr goes nowhere, or its notices would be the command's.
 */
export function loopScript(fifos: { readonly out: string; readonly err: string }, mark: string): string {
  const out = quote(fifos.out);
  const err = quote(fifos.err);
  return [
    // Real pipes, because those that Node makes are sockets, on which `>/dev/stderr` fails.
    `mkfifo -m 600 ${out} ${err} || exit 1`,
    `echo fifos`,
    // Own process groups: by job control where the shell gives it without a terminal (bash), else by setsid(1).
    `set -m`,
    `case $- in *m*) g=jobs;; *) g=$(command -v setsid) && s=$g || exit 1;; esac`,
    // Node died when fd 3 ends without a line: the loop, deaf in `wait`, is told by a signal until it is gone.
    `{ exec 4>&- >/dev/null; read -r x || while kill -USR1 $$; do sleep 1; done; } <&3 3<&- &`,
    `exec 5>${out} 6>${err}`,
    `exec 3<&-`,
    `p= n=0`,
    `trap 'test -n "$p" && kill -TERM -$p && { kill -CONT -$p; sleep 1; kill -KILL -$p; exit; }' USR1`,
    // A stopped job ends bash's first `wait` with 128 + the stopping signal; the second one gets the end.
    `u() { while kill -0 $p; do sleep 1; done; wait $p; t=$?; test $t = 127 || c=$t; }`,
    `w() { p=$!; n=$((n+1)); echo "$n $p" >&4; wait $p; c=$?; case $c in 14[5-9]|150) u;; esac; echo "${mark}$n $c $p"; p=; }`,
    // The usual command, short because bash reads what it is told byte by byte.
    `r() { { exec $s "$@" 4>&- 6>&-; } 2>&6 </dev/null & w; }`,
    `echo "$g"`,
    `exec >&5 5>&-`,
    ``,
  ].join("\n");
}
