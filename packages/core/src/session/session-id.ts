import { randomText, systemRuntime } from "../runtime.ts";
import type { Runtime } from "../runtime.ts";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Most seconds that two clocks differ which are taken for one. */
const agreement = 2;

/** For a session that is opened at once; see `OpenOptions.id`. */
export function newSessionId(): string {
  return sessionId(Date.now(), systemRuntime);
}

/** Whether the id is one that could have been made now. */
export function isNew(id: string, storeNow: number): boolean {
  const [, text = ""] = /^([0-9a-hjkmnp-tv-z]{7})-[0-9a-hjkmnp-tv-z]{4}$/.exec(id) ?? [];
  let seconds = 0;
  for (const digit of text) seconds = seconds * 32 + alphabet.indexOf(digit);
  return Math.abs(seconds - storeNow / 1000) <= agreement;
}

/** Short, readable, and sorted by age: seconds in base 32, then four random characters against two in one second. */
export function sessionId(storeNow: number, runtime: Runtime): string {
  let seconds = Math.floor(storeNow / 1000);
  let text = "";
  for (let n = 0; n < 7; n++, seconds = Math.floor(seconds / 32)) text = (alphabet[seconds % 32] ?? "0") + text;
  return `${text}-${randomText(runtime, 4)}`;
}
