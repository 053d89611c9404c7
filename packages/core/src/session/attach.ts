import { ownCosts } from "../costs.ts";
import { SkyburstError } from "../errors.ts";
import { facts as factsOf } from "../protocol/facts.ts";
import { sessionKeys } from "../protocol/keys.ts";
import { readLedger } from "../protocol/read-ledger.ts";
import { randomText, systemRuntime } from "../runtime.ts";
import type { StateStore } from "../store.ts";
import { collect } from "./collector.ts";
import type { OutcomeLines } from "./collector.ts";
import { LedgerView } from "./ledger-view.ts";
import { SessionLogs } from "./session-logs.ts";
import { readStatus } from "./status.ts";
import type { SessionStatus } from "./status.ts";
import { readUsage } from "./usage.ts";
import type { SessionUsage } from "./usage.ts";

/** A session as somebody sees it who does not work on it. Nothing is written but the hint that its logs are followed. */
export interface AttachedSession {
  readonly id: string;
  status(): Promise<SessionStatus>;
  /** What everybody asked of the store who worked on the session, as they last said, and this reader. One GET for each of them. */
  usage(): Promise<SessionUsage>;
  /**
   * Outcome lines of all submissions, one after the other, each in input order, as far as they are there: it ends at the
   * first task that has no outcome yet.
   */
  lines(signal?: AbortSignal): AsyncGenerator<OutcomeLines>;
  /** Tasks that were submitted so far, and whether there may be more. */
  expected(): { readonly tasks: number; readonly open: boolean };
  /** Logs of all tasks, or of the one with this index in the session. @throws {SkyburstError} `option` when there is no such task. */
  logs(task?: number): SessionLogs;
}

/** @throws {SkyburstError} `session` when the store has no session with this id. */
export async function attachSession(store: StateStore, id: string): Promise<AttachedSession> {
  const runtime = systemRuntime;
  const facts = factsOf(store, runtime);
  const keys = sessionKeys(id);
  const ledger = await readLedger(facts, keys);
  if (!ledger) throw new SkyburstError("session", `There is no session ${JSON.stringify(id)} in this store.`);
  const view = new LedgerView(facts, keys, ledger);
  return {
    id,
    status: () => readStatus(facts, keys, view),
    usage: () => readUsage(facts, keys, undefined, ownCosts(store)),
    async *lines(signal) {
      for (let n = 0; n < view.current.submissions.length; n++) {
        const submission = view.current.submissions[n];
        if (!submission) return;
        let count = 0;
        for await (const lines of collect({
          facts,
          keys,
          runtime,
          view,
          submission: submission.id,
          ordered: true,
          wait: false,
          signal,
        })) {
          count += lines.count;
          yield lines;
        }
        const now = view.submission(submission.id);
        if (!now?.ended || count < now.tasks) return;
      }
    },
    expected: () => ({ tasks: view.current.tasks, open: view.current.submissions.some(({ ended }) => !ended) }),
    logs(task) {
      const { tasks } = view.current;
      if (task !== undefined && task >= tasks)
        throw new SkyburstError(
          "option",
          `There is no task ${task} in session ${id}: it has ${tasks} so far, counted from 0.`,
        );
      return new SessionLogs({ facts, keys, runtime, view, client: `reader.${randomText(runtime, 8)}`, task });
    },
  };
}
