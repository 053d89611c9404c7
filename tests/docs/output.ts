/**
 * What a page says that a snippet prints, as a pattern: `…` stands for anything within a line, a line of it for any number
 * of lines. Blanks at the ends of lines do not count.
 */
export function outputPattern(shown: string): RegExp {
  const lines = shown
    .trimEnd()
    .split("\n")
    .map((line) => (line.trim() === "…" ? "(?:.*\\n)*" : `${escape(line.trimEnd()).replaceAll("…", ".*")}[ \\t]*\\n`));
  return new RegExp(`^${lines.join("")}$`);
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
