import type { Entry, Page, StateStore } from "@skyburst/core";
import { systemRuntime } from "@skyburst/core/protocol";
import type { Runtime } from "@skyburst/core/protocol";

/**
 * Time that passes so many times faster. What is decided is what would be decided in real time with a store whose answers take
 * that much longer: at 10, one on this machine that answers within 2 ms is as far away as S3 is.
 */
export function fasterRuntime(speed: number): Runtime {
  return {
    monotonic: () => systemRuntime.monotonic() * speed,
    sleep: (ms, signal) => systemRuntime.sleep(ms / speed, signal),
    timer: (ms, ring) => systemRuntime.timer(ms / speed, ring),
    random: () => systemRuntime.random(),
  };
}

/** The same store with a clock that runs as fast. `epoch`: where the two clocks meet. */
export function fasterStore(store: StateStore, speed: number, epoch: number): StateStore {
  const time = (real: number) => epoch + (real - epoch) * speed;
  const own: Pick<StateStore, "now" | "list"> = {
    now: async () => time(await store.now()),
    async *list(prefix, options) {
      for await (const { now, entries } of store.list(prefix, options)) {
        const page: Page = {
          now: time(now),
          entries: entries.map((entry): Entry => ({ ...entry, modified: time(entry.modified) })),
        };
        yield page;
      }
    },
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === "now" || name === "list") return own[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
