/** Like `quote`, but a word that means itself is left as it is: for arguments only, where a shell knows no reserved words. */
export function quoteShortly(text: string): string {
  return /^[A-Za-z0-9_/.:@%+-]+$/.test(text) ? text : quote(text);
}

/** One word of a POSIX shell that stands for exactly these characters. Only NUL can't be said. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
