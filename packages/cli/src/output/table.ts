/** Rows in columns, as wide as their widest cell; columns of numbers stand to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const [, ...body] = rows;
  const columns = rows[0]?.length ?? 0;
  const layout = Array.from({ length: columns }, (_, n) => ({
    width: Math.max(...rows.map((row) => row[n]?.length ?? 0)),
    right: body.every((row) => /^\d+$/.test(row[n] ?? "")),
  }));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, n) => pad(cell, layout[n]))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function pad(cell: string, layout: { readonly width: number; readonly right: boolean } | undefined): string {
  if (!layout) return cell;
  return layout.right ? cell.padStart(layout.width) : cell.padEnd(layout.width);
}
