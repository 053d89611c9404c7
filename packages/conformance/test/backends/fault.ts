import type { Backend, WorkerStatus } from "@skyburst/core";
import type { BackendFacts } from "../../src/index.ts";
import type { Provider } from "./memory-backend.ts";
import { MemoryBackend } from "./memory-backend.ts";

/** What is wrong with a backend: members in place of those of a right one. */
type Fault = (right: MemoryBackend, on: Provider) => { readonly [K in keyof Backend]?: Backend[K] | undefined };

export type BrokenBackends = Readonly<Record<string, BrokenBackend>>;

interface BrokenBackend {
  readonly fault: Fault;
  /** The tests that say so, as `group: test`. */
  readonly fails: readonly string[];
  /** What is stated and is not so. */
  readonly facts?: BackendFacts;
}

export function broken(on: Provider, fault: Fault, maxWorkers?: number): Backend {
  const right = new MemoryBackend(on, maxWorkers);
  const whole = {
    name: right.name,
    capabilities: right.capabilities,
    launch: (...given: Parameters<Backend["launch"]>) => right.launch(...given),
    list: (...given: Parameters<Backend["list"]>) => right.list(...given),
    stop: (...given: Parameters<Backend["stop"]>) => right.stop(...given),
    watch: (...given: Parameters<MemoryBackend["watch"]>) => right.watch(...given),
    capacity: (...given: Parameters<MemoryBackend["capacity"]>) => right.capacity(...given),
    rate: (...given: Parameters<MemoryBackend["rate"]>) => right.rate(...given),
    sessions: (...given: Parameters<MemoryBackend["sessions"]>) => right.sessions(...given),
    teardown: (...given: Parameters<MemoryBackend["teardown"]>) => right.teardown(...given),
    logs: (...given: Parameters<MemoryBackend["logs"]>) => right.logs(...given),
    close: () => right.close(),
  };
  const present = Object.entries({ ...whole, ...fault(right, on) }).filter(([, member]) => member !== undefined);
  return Object.fromEntries(present) as typeof whole;
}

/** Of one that knows the workers that it launched by itself. */
export function knowingItsOwn(fault: (right: MemoryBackend, own: ReadonlySet<string>) => ReturnType<Fault>): Fault {
  return (right) => {
    const own = new Set<string>();
    return {
      async launch(request, options) {
        const result = await right.launch(request, options);
        for (const { id } of result.started) own.add(id);
        return result;
      },
      ...fault(right, own),
    };
  };
}

/** Of one that lists each worker otherwise. */
export function retelling(otherwise: (worker: WorkerStatus) => WorkerStatus): Fault {
  return (right) => ({ list: async (...given) => (await right.list(...given)).map(otherwise) });
}
