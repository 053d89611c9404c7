import { listSessions, SkyburstError } from "@skyburst/core";
import type { SessionEntry, SessionStatus } from "@skyburst/core";
import { attachTo, composeLook } from "../look.ts";
import type { Look } from "../look.ts";
import { money } from "../output/money.ts";
import { stateWord } from "../output/state-word.ts";
import { table } from "../output/table.ts";
import { writeTo } from "../output/stream-output.ts";
import { placeOf } from "../place-of.ts";
import { span } from "../progress/figures.ts";
import type { StoreFlags } from "../stack.ts";

export interface LsFlags extends StoreFlags {
  readonly all?: boolean;
}

/** Sessions whose counts are read at a time: each is some requests, one after the other. */
const atATime = 8;

/** The sessions of a store, the newest first, with what is true of them now. */
export async function ls(flags: LsFlags): Promise<number> {
  const where = await composeLook(flags);
  const { store } = where;
  const now = await store.now();
  const entries = (await listSessions(store, { all: flags.all })).reverse();
  const rows: string[][] = [];
  for (let at = 0; at < entries.length; at += atATime) {
    for (const { entry, status } of await Promise.all(
      entries.slice(at, at + atATime).map((entry) => look(where, entry)),
    )) {
      if (flags.json) await writeTo(process.stdout, `${JSON.stringify({ ...entry, state: "removed", ...status })}\n`);
      else rows.push(row(entry, status, now));
    }
  }
  if (rows.length > 0)
    await writeTo(
      process.stdout,
      table([["SESSION", "NAME", "AGE", "STATE", "TASKS", "DONE", "FAILED", "WORKERS", "COST"], ...rows]),
    );
  else if (!flags.json) await writeTo(process.stderr, `skyburst: no sessions in ${flags.store ?? placeOf(store)}\n`);
  return 0;
}

interface Listed {
  readonly entry: SessionEntry;
  /** undefined: it was removed. */
  readonly status?: SessionStatus;
}

async function look(where: Look, entry: SessionEntry): Promise<Listed> {
  if (entry.removed) return { entry };
  try {
    return { entry, status: await (await attachTo(where, entry.id)).status({ requests: true }) };
  } catch (error) {
    // Somebody removed it since it was listed.
    if (error instanceof SkyburstError && error.code === "session") return { entry: { ...entry, removed: true } };
    throw error;
  }
}

function row({ id, name = "", created }: SessionEntry, status: SessionStatus | undefined, now: number): string[] {
  const age = span(Math.max(0, (now - created) / 1000));
  if (!status) return [id, name, age, "removed", "", "", "", "", ""];
  const { tasks, succeeded, failed, cancelled, workers, cost } = status;
  return [
    id,
    name,
    age,
    stateWord(status),
    String(tasks),
    String(succeeded + failed + cancelled),
    String(failed),
    String(workers),
    cost?.total === undefined ? "" : money(cost.total),
  ];
}
