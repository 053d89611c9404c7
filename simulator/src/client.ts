import type { OutcomeLines } from "../../packages/core/src/session/collector.ts";
import type { Feed } from "../../packages/core/src/session/feed.ts";
import { open } from "../../packages/core/src/session/open.ts";
import type { Session } from "../../packages/core/src/session/session.ts";
import type { Segment } from "../../packages/core/src/protocol/index.ts";
import { simBackend } from "./backend.ts";
import type { SimProcess } from "./process.ts";
import type { Provider } from "./provider.ts";
import type { SubmissionPlan } from "./scenario.ts";
import { told } from "./told.ts";
import { SimStore } from "./store.ts";
import { inputsPerSubmission } from "./tasks.ts";
import type { World } from "./world.ts";

/** What a submission came to, as its consumer saw it. */
export interface Collected {
  readonly plan: SubmissionPlan;
  readonly lines: string[];
  /** `whole`: the generator ended by itself. */
  end: "running" | "whole" | "left" | "cancelled" | "failed";
  error?: unknown;
}

export interface ClientRun {
  readonly process: SimProcess;
  readonly collected: readonly Collected[];
  session: string | undefined;
  over: boolean;
  error?: unknown;
}

/** A client as a program would be it: opens a session, submits, collects, leaves. */
export function startClient(world: World, provider: Provider): ClientRun {
  const process = world.process("client");
  const { submissions } = world.scenario;
  const run: ClientRun = {
    process,
    collected: submissions.map((plan) => ({ plan, lines: [], end: "running" })),
    session: undefined,
    over: false,
  };
  main(world, provider, run).then(
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
  const own = new SimStore(world, process);
  const store = world.rules.store?.(own, process.runtime) ?? own;
  const session = await open({
    backend: simBackend(world, process, provider),
    store,
    workers,
    spec: { slots },
    ttl,
    linger,
    commitInterval,
    runtime: process.runtime,
  });
  run.session = session.id;
  const collecting = Promise.all(run.collected.map((collected, n) => collect(world, process, session, collected, n)));
  if (client.ends === "detach") {
    await Promise.race([collecting, process.runtime.sleep(client.after)]);
    await session.detach();
  } else {
    await collecting;
    await session.close();
  }
  world.note(process.name, "is over");
}

async function collect(
  world: World,
  process: SimProcess,
  session: Session,
  collected: Collected,
  n: number,
): Promise<void> {
  const { plan } = collected;
  const { runtime } = process;
  const { ordered, retries, backoff, grace, start, cancelAfter, breakAfter } = plan;
  const cancel = new AbortController();
  const generator = session.lines(
    { kind: "command", name: "simulated", argv: ["simulated"], substitute: false },
    feedOf(process, plan, n),
    { ordered, retries, backoff, grace, signal: cancel.signal },
  );
  await runtime.sleep(start);
  if (cancelAfter !== undefined)
    runtime.timer(cancelAfter, () => cancel.abort(new Error("cancelled by the simulation")));
  try {
    for await (const lines of generator) {
      take(collected, lines);
      if (breakAfter !== undefined && collected.lines.length >= breakAfter) {
        collected.end = "left";
        break;
      }
    }
    if (collected.end === "running") collected.end = "whole";
  } catch (error) {
    collected.end = cancel.signal.aborted ? "cancelled" : "failed";
    collected.error = error;
  }
  world.note(
    process.name,
    `submission ${n} ends as ${collected.end}${collected.error === undefined ? "" : `: ${told(collected.error)}`}`,
  );
}

function take(collected: Collected, { lines, count }: OutcomeLines): void {
  const texts = new TextDecoder().decode(lines).split("\n").slice(0, -1);
  if (texts.length !== count) throw new Error(`A part of ${texts.length} lines says that it has ${count}.`);
  collected.lines.push(...texts);
}

function feedOf({ runtime }: SimProcess, { tasks, feed, segment, gap }: SubmissionPlan, n: number): Feed {
  async function* segments(): AsyncGenerator<Segment> {
    for (let at = 0; at < tasks; at += segment) {
      if (gap > 0) await runtime.sleep(gap * runtime.random() * 2);
      const count = Math.min(segment, tasks - at);
      const texts = Array.from({ length: count }, (_, i) => `${n * inputsPerSubmission + at + i}\n`);
      yield { count, rich: [], lines: new TextEncoder().encode(texts.join("")) };
    }
  }
  const gather = { array: Number.POSITIVE_INFINITY, iterable: 100, stream: 0 }[feed];
  return { segments: segments(), gather, ...(feed === "array" ? { count: tasks } : {}) };
}
