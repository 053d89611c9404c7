import { facts as factsOf, sessionKeys } from "../../packages/core/src/protocol/index.ts";
import { open } from "../../packages/core/src/session/open.ts";
import type { OpenOptions } from "../../packages/core/src/session/open-options.ts";
import { usd } from "../../packages/core/src/session/budget.ts";
import type { StateStore } from "../../packages/core/src/store.ts";
import { simBackend } from "./provider/backend.ts";
import { collectAll } from "./collect.ts";
import type { Collected } from "./collect.ts";
import { costsOf } from "./costs.ts";
import { feedOf } from "./inputs.ts";
import type { SimProcess } from "./process.ts";
import type { Provider } from "./provider/provider.ts";
import type { JoinerPlan } from "./scenario/plans.ts";
import { SimStore } from "./store.ts";
import type { World } from "./world.ts";

export interface ClientRun {
  process: SimProcess;
  readonly collected: readonly Collected[];
  session: string | undefined;
  over: boolean;
  /** When it was, in virtual milliseconds. */
  endedAt?: number;
  /** Another process follows when this one dies. */
  readonly returns?: boolean;
  error?: unknown;
}

/** What a simulated command is: nothing is started, its slots know what each input does. */
export const command = { kind: "command", name: "simulated", argv: ["simulated"], substitute: false } as const;

/** A client as a program would be it: opens a session, submits, collects, leaves. */
export function startClient(world: World, provider: Provider): ClientRun {
  const { ttl, linger, commitInterval, client, budget, idleTimeout, maxRate, warnAt, startTimeout } = world.scenario;
  return started(world, 0, "client", client, (run) =>
    work(world, provider, run, client, {
      ttl,
      linger,
      commitInterval,
      ...(idleTimeout === undefined ? {} : { idleTimeout }),
      ...(budget === undefined ? {} : { budget: usd(budget) }),
      ...(maxRate === undefined ? {} : { maxRate: usd(maxRate * 3600).perHour }),
      ...(warnAt === undefined ? {} : { warnAt: usd(warnAt) }),
      ...(startTimeout === undefined ? {} : { startTimeout }),
    }),
  );
}

/** Runs the part of a client in a process of its own. */
export function started(
  world: World,
  place: number,
  name: string,
  { ends, after }: Pick<JoinerPlan, "ends" | "after">,
  play: (run: ClientRun) => Promise<void>,
): ClientRun {
  const process = world.process(name, ends === "crash" ? after : undefined);
  const collected = world.scenario.submissions.flatMap((plan, n): Collected[] =>
    plan.client === place ? [{ plan, n, lines: [], end: "running" }] : [],
  );
  const run: ClientRun = { process, collected, session: undefined, over: false };
  play(run).then(
    () => {
      run.over = true;
      run.endedAt = world.timeline.now;
    },
    (error: unknown) => {
      run.over = true;
      run.error = error;
    },
  );
  return run;
}

/** What a client does in a session of its own, or in that of another. @param beginning What is fixed when a session begins. */
export async function work(
  world: World,
  provider: Provider,
  run: ClientRun,
  { ends, after }: Pick<JoinerPlan, "ends" | "after">,
  beginning: Partial<OpenOptions>,
): Promise<void> {
  const { workers, slots } = world.scenario;
  const { process } = run;
  const { runtime } = process;
  const store = storeOf(world, process);
  const backend = simBackend(world, process, provider);
  const session = await open({
    backend,
    store,
    workers,
    spec: { slots },
    runtime,
    costs: costsOf(world),
    ...beginning,
  });
  run.session = session.id;
  const place = { facts: factsOf(store, runtime), keys: sessionKeys(session.id) };
  const collecting = collectAll(world, process, run.collected, ({ plan, n }, options) =>
    session.lines(command, feedOf(world.scenario, process, place, plan, n), options),
  );
  if (ends === "detach") {
    await Promise.race([collecting, runtime.sleep(after)]);
    await session.detach();
  } else {
    await collecting;
    await session.close();
    provider.expectAttended(process.name);
  }
  world.note(process.name, "is over");
}

/** The store as a process of this world has it. */
export function storeOf(world: World, process: SimProcess): StateStore {
  const own = new SimStore(world, process);
  return world.rules.store?.(own, process.runtime) ?? own;
}
