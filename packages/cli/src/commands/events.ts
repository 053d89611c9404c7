import { attachSession, findSession } from "@skyburst/core";
import type { SessionEvent } from "@skyburst/core";
import { writeTo } from "../output/stream-output.ts";
import { composeStore } from "../stack.ts";
import type { StoreFlags } from "../stack.ts";

export interface EventsFlags extends StoreFlags {
  readonly follow?: boolean;
  readonly type?: ReadonlySet<SessionEvent["type"]>;
}

/** What happened in a session, as lines of JSON; with `follow` also what happens from now on. */
export async function events(called: string, { follow, type, ...flags }: EventsFlags): Promise<number> {
  const store = await composeStore(flags);
  const session = await attachSession(store, await findSession(store, called));
  for await (const event of session.events({ wait: follow })) {
    if (type === undefined || type.has(event.type)) await writeTo(process.stdout, `${JSON.stringify(event)}\n`);
  }
  return 0;
}
