/** Bytes as people say them, down to a tenth: `512 MiB`, `1.5 GiB`. */
export function sizeInWords(bytes: number): string {
  const [size, unit] = bytes >= 2 ** 30 ? [2 ** 30, "GiB"] : [2 ** 20, "MiB"];
  return `${Number((Math.floor((bytes / size) * 10) / 10).toFixed(1))} ${unit}`;
}
