import { attachSession, findSession } from "@skyburst/core";
import type { SessionStatus } from "@skyburst/core";
import { writeTo } from "../output/stream-output.ts";
import { span } from "../progress/figures.ts";
import { composeStore } from "../stack.ts";
import type { StoreFlags } from "../stack.ts";

/** How a session stands, from the store alone: whoever works on it, from wherever it is asked. */
export async function status(called: string, flags: StoreFlags): Promise<number> {
  const store = await composeStore(flags);
  const id = await findSession(store, called);
  const session = await attachSession(store, id);
  const found = await session.status();
  const text = flags.json
    ? `${JSON.stringify({ id, ...found, usage: await session.usage() })}\n`
    : describe(id, found, await store.now());
  await writeTo(process.stdout, text);
  return 0;
}

function describe(id: string, found: SessionStatus, now: number): string {
  const { name, state, created, tasks, succeeded, failed, cancelled, running, pending, workers, paused } = found;
  const lines: (readonly [string, string | number])[] = [
    ["session", name === undefined ? id : `${id} (${name})`],
    ["state", paused === undefined ? state : `${state}: ${paused}`],
    ["age", span(Math.max(0, (now - created) / 1000))],
    ["tasks", tasks],
    ["succeeded", succeeded],
    ["failed", failed],
    ["cancelled", cancelled],
    ["running", running],
    ["pending", pending],
    ["workers", workers],
  ];
  return lines.map(([label, value]) => `${label.padEnd(9)}  ${value}\n`).join("");
}
