import { attachSession, listSessions } from "@skyburst/core";
import type { SessionEntry, SessionStatus } from "@skyburst/core";
import { table } from "../output/table.ts";
import { writeTo } from "../output/stream-output.ts";
import { placeOf } from "../place-of.ts";
import { span } from "../progress/figures.ts";
import { composeStore } from "../stack.ts";
import type { StoreFlags } from "../stack.ts";

/** The sessions of a store, the newest first, with what is true of them now. */
export async function ls(flags: StoreFlags): Promise<number> {
  const store = await composeStore(flags);
  const now = await store.now();
  const rows: string[][] = [];
  for (const entry of (await listSessions(store)).reverse()) {
    const status = await (await attachSession(store, entry.id)).status();
    if (flags.json) await writeTo(process.stdout, `${JSON.stringify({ id: entry.id, ...status })}\n`);
    else rows.push(row(entry, status, now));
  }
  if (rows.length > 0)
    await writeTo(
      process.stdout,
      table([["SESSION", "NAME", "AGE", "STATE", "TASKS", "DONE", "FAILED", "WORKERS"], ...rows]),
    );
  else if (!flags.json) await writeTo(process.stderr, `skyburst: no sessions in ${flags.store ?? placeOf(store)}\n`);
  return 0;
}

function row({ id, name = "" }: SessionEntry, status: SessionStatus, now: number): string[] {
  const { created, state, tasks, succeeded, failed, cancelled, workers } = status;
  return [
    id,
    name,
    span(Math.max(0, (now - created) / 1000)),
    state,
    String(tasks),
    String(succeeded + failed + cancelled),
    String(failed),
    String(workers),
  ];
}
