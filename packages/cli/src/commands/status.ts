import { attachTo, composeLook, workerRateOf } from "../look.ts";
import { receiptText } from "../output/receipt-text.ts";
import { statusText } from "../output/status-text.ts";
import { writeTo } from "../output/stream-output.ts";
import type { StoreFlags } from "../stack.ts";

export interface StatusFlags extends StoreFlags {
  readonly receipt?: boolean;
}

/** How a session stands, or what it has cost, from the store alone: whoever works on it, from wherever it is asked. */
export async function status(called: string, { receipt, ...flags }: StatusFlags): Promise<number> {
  const look = await composeLook(flags);
  const session = await attachTo(look, called);
  if (receipt) {
    const found = await session.receipt();
    await writeTo(process.stdout, flags.json ? `${JSON.stringify(found)}\n` : receiptText(found));
    return 0;
  }
  const found = await session.status({ requests: true });
  const { store } = look;
  const text = flags.json
    ? `${JSON.stringify({ id: session.id, ...found, usage: await session.usage() })}\n`
    : statusText(session.id, found, { now: await store.now(), rate: await workerRateOf(look, session.id) });
  await writeTo(process.stdout, text);
  return 0;
}
