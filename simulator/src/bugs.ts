import { jsonBody, parseCommit, parseJson, storeErrorCode, withHeader } from "./protocol.ts";
import type { Facts, Lease } from "./protocol.ts";
import type { CreateOptions, StateStore } from "../../packages/core/src/store.ts";
import type { Bug } from "./rules.ts";

/** Bugs that the simulator has to find: each is a rule of the protocol left out. By the name that the protocol's page gives it. */
export const bugs: Readonly<Record<string, Bug>> = {
  "unknown answer taken as false": {
    rules: {
      store: (store) => created(store, (create) => create().catch((error: unknown) => falseIfUnknown(error))),
    },
  },
  "unknown settled by GET alone": {
    rules: {
      store: (store) =>
        created(store, (create, key, body) =>
          create().catch(async (error: unknown) => {
            falseIfUnknown(error);
            const there = await store.get(key);
            return there !== undefined && Buffer.compare(there, body) === 0;
          }),
        ),
    },
  },
  "own write not recognised": {
    rules: {
      store: (store) => created(store, (_, key, body) => store.create(key, body, { exclusive: true })),
    },
  },
  "log after commit": {
    rules: {
      facts: (facts, runtime) =>
        writing(facts, (create, key) => {
          if (!key.endsWith("~end")) return create();
          void runtime.sleep(5000).then(create);
          return Promise.resolve(true);
        }),
    },
  },
  "no isolation of poison": { rules: { facts: (facts) => without(facts, "try") } },
  "odd after commit": { rules: { facts: (facts) => without(facts, "odd") } },
  "no born": { rules: { facts: (facts) => without(facts, "born") } },
  "same worker id after a restart": { rules: { runtime: (runtime) => changed(runtime, { random: () => 0.5 }) } },
  "lease age by own clock": {
    rules: { facts: (facts) => changed(facts, { now: async () => (await facts.now()) + 300_000 }) },
  },
  "release by delete": { rules: { facts: releasing } },
  "condemned at the first crash": {
    rules: {
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
  },
  "spot raises the attempt": {
    rules: {
      facts: (facts) =>
        changed(facts, {
          create: (key: string, body: Uint8Array, options?: CreateOptions) =>
            facts.create(key, ["part", "done"].includes(kindOf(key)) ? raised(body) : body, options),
        }),
    },
  },
};

function kindOf(key: string): string {
  return key.split("/", 3)[2] ?? "";
}

function changed<T extends object>(thing: T, changes: Partial<T>): T {
  return Object.assign(Object.create(thing) as T, changes);
}

/** Stores keep what they know in private members: each of theirs is called as theirs. */
function created(
  store: StateStore,
  create: (plain: () => Promise<boolean>, key: string, body: Uint8Array) => Promise<boolean>,
): StateStore {
  return {
    reference: store.reference,
    pace: store.pace,
    program: store.program,
    create: (key, body, options) => create(() => store.create(key, body, options), key, body),
    get: (key, options) => store.get(key, options),
    list: (prefix, options) => store.list(prefix, options),
    put: (key, body, options) => store.put(key, body, options),
    delete: (keys, options) => store.delete(keys, options),
    now: () => store.now(),
  };
}

function writing(facts: Facts, create: (plain: () => Promise<boolean>, key: string) => Promise<boolean>): Facts {
  return changed(facts, {
    create: (key: string, body: Uint8Array, options?: CreateOptions) =>
      create(() => facts.create(key, body, options), key),
  });
}

/** Believes that facts of this kind were written. */
function without(facts: Facts, kind: string): Facts {
  return writing(facts, (create, key) => (kindOf(key) === kind ? Promise.resolve(true) : create()));
}

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

function raised(body: Uint8Array): Uint8Array {
  const { header, lines, logs } = parseCommit(body);
  if (!header.again) return body;
  const again = header.again.map((item) => ({ ...item, attempt: item.attempt + 1 }));
  return withHeader({ ...header, again }, lines, logs);
}
