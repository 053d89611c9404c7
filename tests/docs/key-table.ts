/** A row of the protocol's table of keys and bodies. */
export interface KeyRow {
  /** As the page writes it. */
  readonly key: string;
  readonly pattern: RegExp;
  /** Names in the description of the body. */
  readonly fields: ReadonlySet<string>;
}

/** The rows of the table, with keys as exact as the page's table of digits makes them. */
export function keyTable(page: string): KeyRow[] {
  const table = /<!-- table: keys -->\n(.*?)<!-- \/table -->/s.exec(page)?.[1];
  if (table === undefined) throw new Error("The page has no table of keys.");
  const digits = digitsOf(page);
  const rows = table.trim().split("\n").slice(2);
  const cells = rows
    .map((row) => row.split("|").slice(1, 3))
    .map(([key = "", body = ""]) => ({ key: /`([^`]+)`/.exec(key)?.[1] ?? "", body }));
  return cells.map(({ key, body }) => {
    // "as `part/`": the fields of that row, and more.
    const like = /as `(\w+\/)`/.exec(body)?.[1];
    const bodies = [
      body,
      ...cells.filter((row) => like !== undefined && row.key.startsWith(like)).map((row) => row.body),
    ];
    return { key, pattern: patternOf(key, digits), fields: new Set(bodies.flatMap(namesIn)) };
  });
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/`(\w+)\??`/g)].map(([, name = ""]) => name);
}

/** Names in the row of each operation of the ledger. */
export function operationTable(page: string): Map<string, Set<string>> {
  const table = /\| `op` \|[^\n]*\n\|[-|]*\n((?:\|[^\n]*\n)+)/.exec(page)?.[1] ?? "";
  return new Map(
    table
      .trim()
      .split("\n")
      .map(namesIn)
      .map((names) => [names[0] ?? "", new Set(names)]),
  );
}

/** Digits by placeholder. */
function digitsOf(page: string): Map<string, string> {
  const digits = new Map<string, string>();
  for (const [, names = "", width = ""] of page.matchAll(/\| ((?:`<\w+>` ?)+)\| (\d+) \|/g)) {
    for (const [, name = ""] of names.matchAll(/<(\w+)>/g)) digits.set(name, width);
  }
  return digits;
}

function patternOf(key: string, digits: ReadonlyMap<string, string>): RegExp {
  const counts = key.startsWith("odd/") ? new Set(["failed", "cancelled", "again"]) : new Set<string>();
  const parts = key.split(/<(\w+)>/).map((part, n) => {
    if (n % 2 === 0) return part.replaceAll(".", String.raw`\.`);
    if (counts.has(part) || part === "k") return String.raw`\d+`;
    if (part === "sha256") return "[0-9a-f]{64}";
    const width = digits.get(part);
    return width === undefined ? "[^/]+" : String.raw`\d{${width}}`;
  });
  return new RegExp(`^${parts.join("")}$`);
}
