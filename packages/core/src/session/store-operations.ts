import { SkyburstError } from "../errors.ts";
import type { CostEstimator } from "../costs.ts";
import { randomText } from "../runtime.ts";
import { addInputs } from "./submit/add-inputs.ts";
import type { AttachedSession } from "./attached.ts";
import { cancelSession } from "./steer/cancel-session.ts";
import { endSession } from "./steer/end-session.ts";
import { extendSession } from "./steer/extend-session.ts";
import { sessionEvents } from "./events/session-events.ts";
import { remove } from "./remove/remove-session.ts";
import { retryFailed } from "./steer/retry-failed.ts";
import { SessionLogs } from "./logs/session-logs.ts";
import { sessionLines, sessionOutcomes } from "./collect/session-outcomes.ts";
import type { SessionReader } from "./collect/session-outcomes.ts";
import { readReceipt } from "./status/receipt.ts";
import { readStatus } from "./status/status.ts";
import { readUsage } from "./status/usage.ts";

export interface Operator extends SessionReader {
  readonly costs: CostEstimator;
  /** There may be more to do: the fleet may have to grow. */
  readonly grown?: (() => void) | undefined;
}

/** What can be done with a session that needs its store only. */
export function storeOperations(operator: Operator): AttachedSession {
  const { place, costs, grown, failure } = operator;
  const { id, facts, keys, runtime, view, client } = place;
  return {
    id,
    status: (options) => readStatus(facts, keys, view, { ...options, costs, client }),
    usage: () => readUsage(facts, keys, client, costs),
    receipt: () => readReceipt(place, costs),
    outcomes: (options) => sessionOutcomes(operator, options),
    outcomeLines: (options) => sessionLines(operator, options),
    events: (options) => sessionEvents(place, options, failure),
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
    add: (feed, identity = {}) => addInputs(place, feed, identity).finally(grown),
    end: () => endSession(place),
    cancel: (options) => cancelSession(place, options),
    extend: (to) => extendSession(place, to, costs).finally(grown),
    retryFailed: ({ task } = {}) => retryFailed(place, task).finally(grown),
    remove: (options) => remove(place, options),
  };
}
