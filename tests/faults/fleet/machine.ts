/**
 * A machine as a shell script, in the place of `node`: it writes when it began, boots, runs its worker, and writes how that ended.
 * It outlives its worker for that, whatever kills it. SIGTERM is passed on.
 */
export function machineScript(node: string, room: string): string {
  return `#!/bin/sh
me='${room}/workers/'"$SKYBURST_WORKER"
child=
asked=
# What the shell starts in the background has an empty input otherwise, and a worker may be told secrets there.
exec 3<&0
trap 'asked=1; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM

say() { echo "$2" > "$me.$1.new" && mv "$me.$1.new" "$me.$1"; }

# A signal ends the wait and not the child: its own code is what a later wait tells.
finish() {
  [ -z "$asked" ] || kill -TERM "$child" 2>/dev/null
  while :; do
    wait "$child"
    code=$?
    kill -0 "$child" 2>/dev/null || break
  done
  wait "$child" 2>/dev/null
  again=$?
  [ "$again" -eq 127 ] || code=$again
}

say up "$$"
boot=$(cat '${room}/boot')
case "$boot" in
  silent) sleep 1000000 & child=$!; finish; say exit "$code"; exit ;;
  stillborn) echo "no such runtime on this machine" >&2; say exit 3; exit 3 ;;
  0) ;;
  *) sleep "$boot" & child=$!; finish; child= ;;
esac
[ -z "$asked" ] || { say exit 143; exit 143; }
'${node}' "$@" <&3 3<&- &
exec 3<&-
child=$!
say pid "$child"
finish
say exit "$code"
exit "$code"
`;
}
