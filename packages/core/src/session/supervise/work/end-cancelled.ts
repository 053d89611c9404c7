import { clientClaimer } from "../../steer/client-claimer.ts";
import { drain } from "../../steer/drain.ts";
import type { TenureOptions } from "../supervisor-options.ts";

/**
 * Brings to its end what is left of a session that is cancelled, as who cancelled it would have: that needs no worker, so it costs nothing.
 * Such a session can't be paused until there is more money, and nobody else comes.
 */
export async function endCancelled({ facts, keys, runtime, view, client }: TenureOptions): Promise<void> {
  const grace = Math.max(0, ...view.current.submissions.map(({ options }) => options.grace));
  await drain({ claimer: clientClaimer(facts, keys, view, client), runtime, view, grace });
}
