import { appendEntry, facts as factsOf, readLedger, sessionKeys } from "../../packages/core/src/protocol/index.ts";
import { clientClaimer } from "../../packages/core/src/session/client-claimer.ts";
import { drain } from "../../packages/core/src/session/drain.ts";
import { Heartbeat } from "../../packages/core/src/session/heartbeat.ts";
import { LedgerView } from "../../packages/core/src/session/ledger-view.ts";
import { workerProgram } from "../../packages/core/src/session/program.ts";
import { runSubmission } from "../../packages/core/src/session/submission.ts";
import { Supervisor } from "../../packages/core/src/session/supervisor.ts";
import { simBackend } from "./backend.ts";
import { command, started } from "./client.ts";
import type { ClientRun } from "./client.ts";
import { collectAll } from "./collect.ts";
import { feedOf } from "./inputs.ts";
import type { SimProcess } from "./process.ts";
import type { Provider } from "./provider.ts";
import type { JoinerPlan } from "./scenario.ts";
import { SimStore } from "./store.ts";
import type { World } from "./world.ts";

/** Clients that come to the session of another: made of the parts that `open` is made of, with workers of their own. */
export function startJoiners(world: World, provider: Provider, opener: ClientRun): ClientRun[] {
  return world.scenario.joiners.map((plan, n) =>
    started(world, n + 1, `joiner${n + 1}`, plan, (run) => join(world, provider, opener, plan, run)),
  );
}

async function join(
  world: World,
  provider: Provider,
  opener: ClientRun,
  plan: JoinerPlan,
  run: ClientRun,
): Promise<void> {
  const { scenario } = world;
  const { process } = run;
  const { runtime } = process;
  await runtime.sleep(plan.start);
  const place = await arrive(world, process, opener);
  if (!place) return;
  const { facts, keys, view, session, client } = place;
  run.session = session;
  const backend = simBackend(world, process, provider);
  const spec = { slots: scenario.slots };
  const supervisor = new Supervisor({
    facts,
    keys,
    runtime,
    view,
    backend,
    spec,
    session,
    client,
    workers: scenario.workers,
    program: workerProgram(facts.store),
  });
  const heartbeat = new Heartbeat(facts, runtime, keys.worker(client), view.current.session.ttl);
  const closing = new AbortController();
  let detached = false;
  const host = {
    facts,
    keys,
    runtime,
    view,
    supervisor,
    signal: closing.signal,
    slots: scenario.workers * scenario.slots,
    claimer: claimerOf(place),
    detached: () => detached,
    resolve: () => Promise.resolve(command),
  };
  const collecting = collectAll(world, process, run.collected, (collected, options) => {
    const {
      retries = 0,
      backoff = 0,
      concurrency = 1,
      grace = 0,
      ordered = false,
      timeout,
      estimate,
      signal,
    } = options;
    return runSubmission(
      host,
      `${client.slice("client.".length)}-${collected.n}`,
      command,
      feedOf(scenario, process, place, collected.plan, collected.n),
      {
        retries,
        backoff,
        concurrency,
        grace,
        ordered,
        signal,
        ...(timeout === undefined ? {} : { timeout }),
        ...(estimate === undefined ? {} : { estimate }),
      },
    );
  });
  if (plan.ends === "detach") {
    await Promise.race([collecting, runtime.sleep(plan.after)]);
    detached = true;
    closing.abort(new Error("The session was closed."));
    await collecting;
    await Promise.all([heartbeat.stop(), supervisor.leave()]);
  } else {
    await collecting;
    await Promise.all([heartbeat.stop(), supervisor.stop()]);
    provider.expectAttended(process.name);
  }
  world.note(process.name, "is over");
}

type Place = NonNullable<Awaited<ReturnType<typeof arrive>>>;

/** undefined: the session never came to be. */
async function arrive(world: World, process: SimProcess, opener: ClientRun) {
  const { runtime } = process;
  while (opener.session === undefined) {
    if (opener.over || !opener.process.alive) return undefined;
    await runtime.sleep(1000);
  }
  const own = new SimStore(world, process);
  const facts = factsOf(world.rules.store?.(own, runtime) ?? own, runtime);
  const keys = sessionKeys(opener.session);
  const ledger = await readLedger(facts, keys);
  if (!ledger) throw new Error("The session that another client opened can't be read.");
  return {
    facts,
    keys,
    runtime,
    view: new LedgerView(facts, keys, ledger),
    session: opener.session,
    client: `client.${process.name}`,
  };
}

function claimerOf({ facts, keys, client, view }: Place) {
  return clientClaimer(facts, keys, view, client);
}

/** Somebody who cancels what others submitted: one submission, or all of them. */
export function startCanceller(world: World, opener: ClientRun): ClientRun | undefined {
  const { canceller } = world.scenario;
  if (!canceller) return undefined;
  return started(world, -1, "canceller", { ends: "close", after: 0 }, async ({ process }) => {
    const { runtime } = process;
    await runtime.sleep(canceller.after);
    const place = await arrive(world, process, opener);
    if (!place) return;
    const { facts, keys, view } = place;
    const named = view.current.submissions[Math.floor(runtime.random() * view.current.submissions.length)]?.id;
    if (named === undefined && !canceller.all) return;
    const operation = { op: "cancel" as const, because: "somebody else said so" };
    const operations = [canceller.all ? operation : { ...operation, submission: named ?? "" }];
    const { ledger } = await appendEntry(facts, keys, view.current, { actor: process.name, ordinal: 0, operations });
    view.advance(ledger);
    const cancelled = ledger.submissions.filter((submission) => submission.cancelled);
    for (const { id: submission, options } of cancelled)
      await drain({ claimer: claimerOf(place), runtime, view, submission, grace: options.grace });
    world.note(process.name, "is over");
  });
}
