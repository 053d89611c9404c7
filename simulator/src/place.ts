import type { SimProcess } from "./process.ts";
import type { Witness } from "./witness/witness.ts";

/** Longest time in which a session comes to be that somebody opens, in milliseconds. */
const patience = 1_000_000;

/** The session, once somebody has opened it. undefined: it never came to be. */
export async function arrival(witness: Witness, { runtime }: SimProcess): Promise<string | undefined> {
  for (let waited = 0; !witness.ledger; waited += 1000) {
    if (waited > patience) return undefined;
    await runtime.sleep(1000);
  }
  return witness.keys.root.slice(2, -1);
}
