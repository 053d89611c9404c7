/**
 * What is ours and what is the user's command, which is never looked into: everything behind the first `--`.
 * `command` is undefined when there is no `--`.
 */
export function splitAtDashes(argv: readonly string[]): {
  readonly own: string[];
  readonly command: string[] | undefined;
} {
  const at = argv.indexOf("--");
  return at < 0 ? { own: [...argv], command: undefined } : { own: argv.slice(0, at), command: argv.slice(at + 1) };
}
