/** Cuts CSV text into `count` CSV texts of about as many rows each, every one under the header line. */
export function split(csv: string, count: number): string[] {
  const [header = "", ...rows] = csv.trimEnd().split("\n");
  return Array.from({ length: count }, (_, chunk) => {
    const from = Math.floor((chunk * rows.length) / count);
    const to = Math.floor(((chunk + 1) * rows.length) / count);
    return [header, ...rows.slice(from, to)].join("\n");
  });
}
