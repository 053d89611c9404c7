import { attachSession, findSession } from "@skyburst/core";
import { printOutcomes } from "../output/print-outcomes.ts";
import { writeTo } from "../output/stream-output.ts";
import { Tally } from "../output/tally.ts";
import { composeStore } from "../stack.ts";
import type { StoreFlags } from "../stack.ts";

const notFinished = 4;

/** The outcomes of a session that are there, in input order, up to the first that is not. */
export async function collect(called: string, flags: StoreFlags): Promise<number> {
  const store = await composeStore(flags);
  const session = await attachSession(store, await findSession(store, called));
  const tally = new Tally();
  for await (const lines of session.lines()) {
    tally.add(lines);
    await printOutcomes(store, lines);
  }
  const { tasks, open } = session.expected();
  if (tally.done === tasks && !open) return tally.exitCode;
  const there =
    tally.done === tasks
      ? `all ${tasks} outcomes are there, and more inputs may come`
      : `task ${tally.done} of ${tasks} has no outcome yet`;
  await writeTo(process.stderr, `skyburst: ${there}: ${session.id} is not finished.\n`);
  return notFinished;
}
