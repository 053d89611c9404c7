import { facts as factsOf, sessionKeys } from "../../packages/core/src/protocol/index.ts";
import { open } from "../../packages/core/src/session/open.ts";
import { simBackend } from "./backend.ts";
import { collectAll } from "./collect.ts";
import type { Collected } from "./collect.ts";
import { feedOf } from "./inputs.ts";
import type { SimProcess } from "./process.ts";
import type { Provider } from "./provider.ts";
import type { JoinerPlan } from "./scenario.ts";
import { SimStore } from "./store.ts";
import type { World } from "./world.ts";

export interface ClientRun {
  readonly process: SimProcess;
  readonly collected: readonly Collected[];
  session: string | undefined;
  over: boolean;
  error?: unknown;
}

/** What a simulated command is: nothing is started, its slots know what each input does. */
export const command = { kind: "command", name: "simulated", argv: ["simulated"], substitute: false } as const;

/** A client as a program would be it: opens a session, submits, collects, leaves. */
export function startClient(world: World, provider: Provider): ClientRun {
  return started(world, 0, "client", world.scenario.client, (run) => main(world, provider, run));
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
    },
    (error: unknown) => {
      run.over = true;
      run.error = error;
    },
  );
  return run;
}

async function main(world: World, provider: Provider, run: ClientRun): Promise<void> {
  const { workers, slots, ttl, linger, commitInterval, client } = world.scenario;
  const { process } = run;
  const { runtime } = process;
  const own = new SimStore(world, process);
  const store = world.rules.store?.(own, runtime) ?? own;
  const session = await open({
    backend: simBackend(world, process, provider),
    store,
    workers,
    spec: { slots },
    ttl,
    linger,
    commitInterval,
    runtime,
  });
  run.session = session.id;
  const place = { facts: factsOf(store, runtime), keys: sessionKeys(session.id) };
  const collecting = collectAll(world, process, run.collected, ({ plan, n }, options) =>
    session.lines(command, feedOf(world.scenario, process, place, plan, n), options),
  );
  if (client.ends === "detach") {
    await Promise.race([collecting, runtime.sleep(client.after)]);
    await session.detach();
  } else {
    await collecting;
    await session.close();
    provider.expectAttended(process.name);
  }
  world.note(process.name, "is over");
}
