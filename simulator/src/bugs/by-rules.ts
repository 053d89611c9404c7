import { jsonBody, parseCommit, parseEntry, parseJson, storeErrorCode, withHeader } from "../protocol.ts";
import type { Facts, Lease } from "../protocol.ts";
import type { Rules } from "../rules.ts";
import { changed, created, isCommit, kindOf, rewriting, without, writing } from "./wrap.ts";

/** Bugs that stand between the code and its world. */
export const byRules: Readonly<Record<string, Rules>> = {
  "unknown answer taken as false": {
    store: (store) => created(store, (create) => create().catch((error: unknown) => falseIfUnknown(error))),
  },
  "unknown settled by GET alone": {
    store: (store) =>
      created(store, (create, key, body) =>
        create().catch(async (error: unknown) => {
          falseIfUnknown(error);
          const there = await store.get(key);
          return there !== undefined && Buffer.compare(there, body) === 0;
        }),
      ),
  },
  "own write not recognised": {
    store: (store) => created(store, (_, key, body) => store.create(key, body, { exclusive: true })),
  },
  "cancel as a fold": {
    store: (store) =>
      created(store, (create, key, body) =>
        isCommit(key) && parseCommit(body).header.cancelled > 0 ? Promise.resolve(true) : create(),
      ),
  },
  "no launch fact": {
    store: (store) => created(store, (create, key) => (kindOf(key) === "launch" ? Promise.resolve(true) : create())),
  },
  "no token and no born": {
    facts: (facts) => writing(facts, (create, key) => (kindOf(key) === "born" ? create().then(() => true) : create())),
  },
  "log after commit": {
    facts: (facts, runtime) =>
      writing(facts, (create, key) => {
        if (!key.endsWith("~end")) return create();
        void runtime.sleep(5000).then(create);
        return Promise.resolve(true);
      }),
  },
  "odd after commit": { facts: (facts) => without(facts, "odd") },
  "no isolation of poison": { facts: (facts) => without(facts, "try") },
  "condemned at the first crash": {
    facts: (facts) =>
      changed(facts, {
        get: async (key: string) => {
          const body = await facts.get(key);
          if (!body || kindOf(key) !== "lease") return body;
          const lease = parseJson(body) as Lease;
          return lease.crashes + lease.losses === 0
            ? body
            : jsonBody({ ...lease, crashes: 2, suspects: { 0: { crashes: 2, losses: 0 } } });
        },
      }),
  },
  "same worker id after a restart": { runtime: (runtime) => changed(runtime, { random: () => 0.5 }) },
  "lease age by own clock": { facts: (facts) => changed(facts, { now: async () => (await facts.now()) + 300_000 }) },
  "release by delete": { facts: releasing },
  "the committer's G recorded as used": { facts: usingGrants },
  "batch shortened on release": { facts: (facts) => rewriting(facts, shortened) },
  "spot raises the attempt": {
    facts: (facts) => rewriting(facts, (key, body) => ({ key, body: isCommit(key) ? raised(body) : body })),
  },
};

function falseIfUnknown(error: unknown): false {
  if (storeErrorCode(error) !== "unknown") throw error;
  return false;
}

/** Deletes its leases when it leaves. */
function releasing(facts: Facts): Facts {
  const leases: string[] = [];
  return writing(facts, async (create, key) => {
    if (kindOf(key) === "gone") await facts.store.delete(leases.splice(0)).catch(() => undefined);
    const mine = await create();
    if (mine && kindOf(key) === "lease") leases.push(key);
    return mine;
  });
}

/** Tells of each turn that it used all grants that there were when it ended. */
function usingGrants(facts: Facts): Facts {
  let known = 0;
  const reading = changed(facts, {
    get: async (key: string) => {
      const body = await facts.get(key);
      if (body && kindOf(key) === "manifest") known = Math.max(known, parseEntry(body).totals.grants);
      return body;
    },
  });
  return rewriting(reading, (key, body) => {
    if (kindOf(key) !== "done") return { key, body };
    const { header, lines, logs } = parseCommit(body);
    const turn = header.turn && { ...header.turn, grant: Math.max(header.turn.grant, known) };
    return { key, body: withHeader({ ...header, ...(turn ? { turn } : {}) }, [lines, logs]) };
  });
}

/** What is carried over is left out of the batch, and out of its name. */
function shortened(key: string, body: Uint8Array): { readonly key: string; readonly body: Uint8Array } {
  if (kindOf(key) !== "part") return { key, body };
  const { header, lines, logs } = parseCommit(body);
  const { again = [], ...rest } = header;
  if (again.length === 0) return { key, body };
  const count = header.count - again.length;
  return {
    key: key.replace(/\d+$/, String(count).padStart(4, "0")),
    body: withHeader({ ...rest, count }, [lines, logs]),
  };
}

function raised(body: Uint8Array): Uint8Array {
  const { header, lines, logs } = parseCommit(body);
  if (!header.again) return body;
  const again = header.again.map((item) => ({ ...item, attempt: item.attempt + 1 }));
  return withHeader({ ...header, again }, [lines, logs]);
}
