import { createHash } from "node:crypto";
import type { StoreReference } from "../store.ts";

/**
 * Which store this is, as 16 hex digits: by where it is, so that all who open it the same way say the same. Two ways to one store may give
 * two ids; two stores never give the same.
 */
export function storeId({ module, options }: StoreReference): string {
  return createHash("sha256")
    .update(JSON.stringify([module, options]))
    .digest("hex")
    .slice(0, 16);
}
