/** A fenced block of a page. */
export interface Fence {
  /** Line of the page on which its text begins, from 1. */
  readonly line: number;
  readonly language: string;
  /** What follows the language. */
  readonly attributes: string;
  readonly text: string;
  /** The comment right above it, if there is one. */
  readonly comment: string | undefined;
}

/** The fenced blocks of a page, in order. */
export function fencesOf(page: string): Fence[] {
  const lines = page.split("\n");
  const fences: Fence[] = [];
  for (let at = 0; at < lines.length; at++) {
    const opening = /^(\s*)(`{3,})(\S*)\s*(.*)$/.exec(lines[at] ?? "");
    if (!opening) continue;
    const [, indent = "", ticks = "", language = "", attributes = ""] = opening;
    const end = lines.indexOf(indent + ticks, at + 1);
    if (end < 0) throw new Error(`The block that begins on line ${at + 1} has no end.`);
    const text = lines.slice(at + 1, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    fences.push({ line: at + 2, language, attributes, text: `${text.join("\n")}\n`, comment: commentAbove(lines, at) });
    at = end;
  }
  return fences;
}

function commentAbove(lines: readonly string[], at: number): string | undefined {
  return /^\s*<!--\s*(.*?)\s*-->\s*$/.exec(lines[at - 1] ?? "")?.[1];
}

/** Links to other files, without their anchors. */
export function linksOf(page: string): string[] {
  const prose = page.replaceAll(/^(`{3,})[^]*?^\1$/gm, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
}

/** Anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(page: string): string[] {
  const prose = page.replaceAll(/^(`{3,})[^]*?^\1$/gm, "");
  return [...prose.matchAll(/^#+\s+(.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-"),
  );
}
