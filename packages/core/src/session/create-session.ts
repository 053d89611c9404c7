import { facts as factsOf } from "../protocol/facts.ts";
import { indexKey, sessionKeys } from "../protocol/keys.ts";
import { jsonBody } from "../protocol/lines.ts";
import type { CreateOperation, Fleet } from "../protocol/ledger.ts";
import { appendEntry } from "../protocol/read-ledger.ts";
import { randomText, systemRuntime } from "../runtime.ts";
import type { JsonObject } from "../store.ts";
import { checkDeadline } from "./steer/extend-session.ts";
import { plainMoney } from "./budget.ts";
import { LedgerView } from "./ledger-view.ts";
import type { OpenOptions } from "./open-options.ts";
import type { Place } from "./place.ts";
import { secretNames } from "./secrets.ts";
import { isNew, sessionId } from "./session-id.ts";

/** Worker deaths in a row, without a success between, that pause a session: each of its tasks kills. */
const crashBudget = 20;

/** Writes a new session: its entry in the index first, so that whatever is in a store can be found, then entry 0 of its ledger. */
export async function createSession(options: OpenOptions): Promise<Place> {
  const { store, runtime = systemRuntime } = options;
  const facts = factsOf(store, runtime);
  const created = await facts.now();
  const deadline = options.deadline === undefined ? undefined : checkDeadline(Number(options.deadline), created);
  const given = options.id !== undefined && isNew(options.id, created) ? options.id : undefined;
  const id = given ?? sessionId(created, runtime);
  const keys = sessionKeys(id);
  const client = `client.${randomText(runtime, 8)}`;
  const { pace } = store;
  const name = options.name === undefined ? {} : { name: options.name };
  const expires = options.expires === undefined ? {} : { expires: created + options.expires };
  const secrets = secretNames(options.secrets);
  await facts.create(indexKey(id), jsonBody({ v: 1, created, ...name, ...expires }));
  const create = {
    op: "create" as const,
    created,
    ...name,
    ttl: options.ttl ?? pace.ttl,
    commitInterval: options.commitInterval ?? pace.commitInterval,
    linger: options.linger ?? 10_000,
    crashBudget,
    ...(deadline === undefined ? {} : { deadline }),
    ...(options.idleTimeout === undefined ? {} : { idleTimeout: options.idleTimeout }),
    ...moneyOf(options),
    ...(options.startTimeout === undefined ? {} : { startTimeout: options.startTimeout }),
    ...(secrets.length === 0 ? {} : { secrets }),
    fleet: fleetOf(options),
  };
  const { ledger } = await appendEntry(facts, keys, undefined, { actor: client, ordinal: 0, operations: [create] });
  return { id, facts, keys, runtime, client, view: new LedgerView(facts, keys, ledger, client) };
}

function moneyOf({ budget, warnAt, maxRate }: OpenOptions): Pick<CreateOperation, "budget" | "warnAt" | "maxRate"> {
  return {
    ...(budget === undefined ? {} : { budget: plainMoney(budget) }),
    ...(warnAt === undefined ? {} : { warnAt: plainMoney(warnAt) }),
    ...(maxRate === undefined ? {} : { maxRate: plainMoney(maxRate) }),
  };
}

/** What a supervisor that never saw this client keeps up. What its environment holds is nobody else's business. */
function fleetOf({ backend, workers = 1, spec = {} }: OpenOptions): Fleet {
  const { env: _env, ...rest } = spec;
  const { minimumBilling = 0 } = backend.capabilities;
  return {
    workers,
    backend: backend.name,
    spec: JSON.parse(JSON.stringify(rest)) as JsonObject,
    ...(minimumBilling > 0 ? { minimumBilling } : {}),
  };
}
