import type { StateStore } from "@skyburst/core";

/** A store whose sessions take a silent worker for lost after so many milliseconds. */
export function withTtl(store: StateStore, ttl: number): StateStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === "pace") return { ...target.pace, ttl };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
