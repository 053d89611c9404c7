import { attachSession } from "@skyburst/core";
import { printResult } from "../output/print-result.ts";
import { composeStore } from "../stack.ts";
import type { StoreFlags } from "../stack.ts";

/** Says that nothing more will be added. */
export async function endSession(called: string, flags: StoreFlags): Promise<number> {
  const session = await attachSession(await composeStore(flags), called);
  const { submissions } = await session.end();
  const said =
    submissions === 0 ? `${session.id} had ended already` : `${session.id} has ended; what was added runs to its end`;
  await printResult(flags, { session: session.id, submissions }, said);
  return 0;
}
