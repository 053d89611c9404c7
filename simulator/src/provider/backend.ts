import { BackendError } from "../../../packages/core/src/backend.ts";
import type {
  Backend,
  BackendCapabilities,
  LaunchRequest,
  LaunchResult,
  StopOptions,
  WorkerStatus,
} from "../../../packages/core/src/backend.ts";
import type { SimProcess } from "../process.ts";
import type { Provider } from "./provider.ts";
import type { Random } from "../random.ts";
import { providerOf } from "../scenario/with-provider.ts";
import type { World } from "../world.ts";

/** The backend as one client process uses it. */
export function simBackend(world: World, process: SimProcess, provider: Provider): Backend {
  const { scenario } = world;
  const random = world.random.fork(`backend of ${process.name}`);
  const call = <T>(what: string, effect: () => T) => request(world, process, random, what, effect);
  const { maxWorkers, minimumBilling, capacity } = providerOf(scenario);
  const [least, beyond] = scenario.boot ?? [0, 500];
  const capabilities: BackendCapabilities = {
    spec: scenario.memory ? ["slots", "memory"] : ["slots"],
    memory: scenario.memory?.base,
    maxWorkers,
    minimumBilling,
    startup: least + beyond,
    slots: scenario.slots,
    token: scenario.token,
    sharesFileSystem: false,
    spot: true,
  };
  return {
    name: "simulated",
    capabilities,
    launch: (launch: LaunchRequest): Promise<LaunchResult> =>
      call(`launch ${launch.launch} of ${launch.slots.length}`, () => {
        const dies = world.faulty && random.chance(scenario.faults.launchDeaths);
        if (dies) process.die("error");
        return dies && random.chance(0.5) ? { started: [], refused: [] } : provider.launch(launch, process.name);
      }).then((result) => {
        provider.answered(process.name, result);
        return result;
      }),
    list: () => call("list", () => provider.list()),
    stop: (workers: readonly string[], { grace = 10_000 }: StopOptions = {}) =>
      call(`stop ${workers.join(" ")}`, () => workers.forEach((id) => provider.stop(id, grace))),
    ...(scenario.memory ? { largest: () => call("largest", () => ({ memory: scenario.memory?.most })) } : {}),
    ...(capacity
      ? {
          capacity: () => {
            provider.said(process.name, undefined);
            return call("capacity", () => provider.capacity).then((free) => {
              provider.said(process.name, free);
              return free;
            });
          },
        }
      : {}),
    ...(scenario.watch
      ? {
          watch: (_: string, options?: { readonly signal?: AbortSignal | undefined }) =>
            watch(world, process, random, provider, options?.signal),
        }
      : {}),
  };
}

function request<T>(world: World, process: SimProcess, random: Random, what: string, effect: () => T): Promise<T> {
  const { timeline, scenario, faulty } = world;
  return new Promise((resolve, reject) => {
    if (!process.alive) return;
    const drawn = faulty ? random.next() : 1;
    const before = drawn < scenario.faults.backend / 2;
    const after = !before && drawn < scenario.faults.backend;
    timeline.at(random.exponential(100), () => {
      const result = before ? undefined : effect();
      const failed = before ? "refused" : "without an answer";
      world.note(process.name, `backend ${what}${before || after ? `: ${failed}` : ""}`);
      timeline.at(random.exponential(100), () =>
        process.deliver(() => {
          if (before || after)
            reject(new BackendError("unavailable", `The simulated provider did not answer ${what}.`));
          else resolve(result as T);
        }),
      );
    });
  });
}

async function* watch(
  world: World,
  process: SimProcess,
  random: Random,
  provider: Provider,
  signal?: AbortSignal,
): AsyncGenerator<readonly WorkerStatus[]> {
  let changed = true;
  let wake: () => void = () => undefined;
  const unwatch = provider.watch(() => {
    world.timeline.at(random.exponential(20), () =>
      process.deliver(() => {
        changed = true;
        wake();
      }),
    );
  });
  const onAbort = () => wake();
  signal?.addEventListener("abort", onAbort);
  try {
    while (!signal?.aborted) {
      if (changed) {
        changed = false;
        yield provider.list();
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    unwatch();
    signal?.removeEventListener("abort", onAbort);
  }
}
