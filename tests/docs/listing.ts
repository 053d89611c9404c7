/** One object as a page shows it, or as it was found. */
export interface Listed {
  readonly key: string;
  /** Lines of its body as they are shown. */
  readonly body: readonly string[];
}

/** Objects of a listing: a key per line, and below it, indented by two, the lines of its body. */
export function parseListing(text: string): Listed[] {
  const objects: { key: string; body: string[] }[] = [];
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("  ")) objects.at(-1)?.body.push(line.slice(2));
    else objects.push({ key: line, body: [] });
  }
  return objects;
}

/**
 * Compares objects with a page's listing of them, in which `<name>` stands for a text that is the same wherever the name
 * is. Returns both sides with the names filled in as far as they are known, for a test to compare.
 */
export function compare(
  expected: readonly Listed[],
  found: readonly Listed[],
): { expected: string[]; found: string[] } {
  const names = new Map<string, string>();
  const left = new Set(found.map(textOf));
  const shown = expected.map((object) => {
    const pattern = textOf(object);
    const match = [...left].find((text) => bind(pattern, text, names));
    if (match !== undefined) left.delete(match);
    return match ?? fill(pattern, names);
  });
  return { expected: shown.toSorted(), found: found.map(textOf).toSorted() };
}

function textOf({ key, body }: Listed): string {
  return [key, ...body.map((line) => `  ${line}`)].join("\n");
}

const placeholder = /<([a-z][a-z0-9 ]*)>/g;

/** A text without quotes and blanks, or an object of flat ones. */
const anything = String.raw`([^"\s{}]+?|\{(?:[^{}]|\{[^{}]*\})*\})`;

/** Whether the text fits the pattern, given what names stand for; if so, learns what new names stand for. */
function bind(pattern: string, text: string, names: Map<string, string>): boolean {
  const groups: string[] = [];
  const source = pattern.split(placeholder).map((part, n) => {
    if (n % 2 === 0) return escape(part);
    const known = names.get(part);
    if (known !== undefined) return escape(known);
    if (groups.includes(part)) return `\\${groups.indexOf(part) + 1}`;
    groups.push(part);
    return anything;
  });
  const match = new RegExp(`^${source.join("")}$`).exec(text);
  if (!match) return false;
  for (const [n, name] of groups.entries()) names.set(name, match[n + 1] ?? "");
  return true;
}

function fill(pattern: string, names: ReadonlyMap<string, string>): string {
  return pattern.replaceAll(placeholder, (whole, name: string) => names.get(name) ?? whole);
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
