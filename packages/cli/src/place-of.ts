import type { StateStore } from "@skyburst/core";

/** Where a store is, as `--store` would name it; of one that it could not name, whose it is. */
export function placeOf({ reference }: StateStore): string {
  const { path, bucket, prefix } = reference.options;
  if (typeof path === "string") return path;
  if (typeof bucket === "string") return `s3://${bucket}${typeof prefix === "string" ? `/${prefix}` : ""}`;
  return `the store of ${reference.module}`;
}
