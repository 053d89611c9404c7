import type { SessionStatus } from "@skyburst/core";
import { money } from "../output/money.ts";
import { stateWord } from "../output/state-word.ts";
import { writeTo } from "../output/stream-output.ts";
import { span } from "../progress/figures.ts";
import { attachTo, composeLook } from "../look.ts";
import type { StoreFlags } from "../stack.ts";

/** How a session stands, from the store alone: whoever works on it, from wherever it is asked. */
export async function status(called: string, flags: StoreFlags): Promise<number> {
  const look = await composeLook(flags);
  const { store } = look;
  const session = await attachTo(look, called);
  const found = await session.status({ requests: true });
  const text = flags.json
    ? `${JSON.stringify({ id: session.id, ...found, usage: await session.usage() })}\n`
    : describe(session.id, found, await store.now());
  await writeTo(process.stdout, text);
  return 0;
}

function describe(id: string, found: SessionStatus, now: number): string {
  const { name, created, tasks, succeeded, failed, cancelled, running, pending, workers } = found;
  const lines: (readonly [string, string | number | undefined])[] = [
    ["session", name === undefined ? id : `${id} (${name})`],
    ["state", stateOf(found)],
    ["age", span(Math.max(0, (now - created) / 1000))],
    ["tasks", tasks],
    ["succeeded", succeeded],
    ["failed", failed],
    ["cancelled", cancelled],
    ["running", running],
    ["pending", pending],
    ["rate", running + pending > 0 ? pace(found.rate) : undefined],
    ["eta", found.eta === undefined ? undefined : span(found.eta / 1000)],
    ["workers", workers],
    ["supervisor", supervisorOf(found)],
    ["deadline", found.deadline === undefined ? undefined : moment(found.deadline, now)],
    ["budget", found.budget && money(found.budget)],
    ["cost", found.cost?.total && money(found.cost.total)],
  ];
  return lines.flatMap(([label, value]) => (value === undefined ? [] : [`${label.padEnd(10)}  ${value}\n`])).join("");
}

function pace(rate: number): string | undefined {
  if (rate === 0) return undefined;
  return `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`;
}

function stateOf(found: SessionStatus): string {
  const word = stateWord(found);
  return found.paused === undefined ? word : `${word}: ${found.paused}`;
}

/** Behind the end nobody is needed. */
function supervisorOf({ supervisor, state }: SessionStatus): string | undefined {
  if (state === "done" || state === "cancelled" || state === "removed") return undefined;
  const { alive = false, failure } = supervisor ?? {};
  return `${alive ? "alive" : "none"}${failure === undefined ? "" : `: ${failure}`}`;
}

function moment(at: number, now: number): string {
  const left = at > now ? `in ${span((at - now) / 1000)}` : "passed";
  return `${new Date(at).toISOString()} (${left})`;
}
