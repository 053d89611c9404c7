import { quote } from "./quote.ts";

/**
 * The program of the pre-forked loop. Its variables have names that no environment brings in (`environment.ts` sees to that). It is a plain shell that executes what its stdin says, one line of `commandLine` per command.
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
    `case $- in *m*) __g=jobs __s=;; *) __g=$(command -v setsid) && __s=$__g || exit 1;; esac`,
    // Node died when fd 3 ends without a line: the loop, deaf in `wait`, is told by a signal until it is gone. It listens
    // once, or the next signal would begin the grace time anew.
    `{ exec 4>&- >/dev/null; read -r __x || while kill -USR1 $$; do sleep 1; done; } <&3 3<&- &`,
    `exec 5>${out} 6>${err}`,
    `exec 3<&-`,
    `__p= __n=0`,
    `trap 'test -n "$__p" && kill -TERM -$__p && { trap "" USR1; kill -CONT -$__p; sleep 1; kill -KILL -$__p; exit; }' USR1`,
    // A stopped job ends bash's first `wait` with 128 + the stopping signal; the second one gets the end.
    `u() { while kill -0 $__p; do sleep 1; done; wait $__p; __t=$?; test $__t = 127 || __c=$__t; }`,
    `w() { __p=$!; __n=$((__n+1)); echo "$__n $__p" >&4; wait $__p; __c=$?; case $__c in 14[5-9]|150) u;; esac; echo "${mark}$__n $__c $__p"; __p=; }`,
    // The usual command, short because bash reads what it is told byte by byte.
    `r() { { exec $__s "$@" 4>&- 6>&-; } 2>&6 </dev/null & w; }`,
    `echo "$__g"`,
    `exec >&5 5>&-`,
    ``,
  ].join("\n");
}
