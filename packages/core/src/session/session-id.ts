import { randomText } from "../runtime.ts";
import type { Runtime } from "../runtime.ts";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Short, readable, and sorted by age: seconds in base 32, then four random characters against two in one second. */
export function sessionId(storeNow: number, runtime: Runtime): string {
  let seconds = Math.floor(storeNow / 1000);
  let text = "";
  for (let n = 0; n < 7; n++, seconds = Math.floor(seconds / 32)) text = (alphabet[seconds % 32] ?? "0") + text;
  return `${text}-${randomText(runtime, 4)}`;
}
