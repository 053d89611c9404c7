import type { Facts } from "../protocol.ts";
import type { CreateOptions, StateStore } from "../../../packages/core/src/store.ts";

/** `manifest`, `lease`, `done`, and so on. */
export function kindOf(key: string): string {
  return key.split("/", 3)[2] ?? "";
}

export function isCommit(key: string): boolean {
  return ["part", "done"].includes(kindOf(key));
}

/** The same thing, some of whose members are others. */
export function changed<T extends object>(thing: T, changes: Partial<T>): T {
  return Object.assign(Object.create(thing) as T, changes);
}

/** Stores keep what they know in private members: each of theirs is called as theirs. */
export function created(
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

export function writing(facts: Facts, create: (plain: () => Promise<boolean>, key: string) => Promise<boolean>): Facts {
  return changed(facts, {
    create: (key: string, body: Uint8Array, options?: CreateOptions) =>
      create(() => facts.create(key, body, options), key),
  });
}

/** Writes something else, or elsewhere. */
export function rewriting(
  facts: Facts,
  rewrite: (key: string, body: Uint8Array) => { readonly key: string; readonly body: Uint8Array },
): Facts {
  return changed(facts, {
    create: (key: string, body: Uint8Array, options?: CreateOptions) => {
      const other = rewrite(key, body);
      return facts.create(other.key, other.body, options);
    },
  });
}

/** Believes that facts of this kind were written. */
export function without(facts: Facts, kind: string): Facts {
  return writing(facts, (create, key) => (kindOf(key) === kind ? Promise.resolve(true) : create()));
}
