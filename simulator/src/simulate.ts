import { setImmediate } from "node:timers/promises";
import { jsonBody } from "../../packages/core/src/protocol/index.ts";
import { checkCollected, checkOutcomes, readAgain } from "./checks.ts";
import { startClient } from "./client.ts";
import { startActor, startActors } from "./acts.ts";
import { Collector } from "./collectors.ts";
import { startDaemon, startDaemons, startStandIn } from "./daemon.ts";
import { startJoiners } from "./joiner.ts";
import { checkExits } from "./exits.ts";
import { Listener } from "./listener.ts";
import { checkReceipt } from "./receipt.ts";
import { checkMoney } from "./money.ts";
import { checkStartTime } from "./start-time.ts";
import { startSubmitters } from "./submitters.ts";
import type { ClientRun } from "./client.ts";
import { Evidence } from "./evidence.ts";
import { Provider } from "./provider/provider.ts";
import type { Machine } from "./provider/machine.ts";
import { startRemover, takeAway } from "./removal.ts";
import type { Rules } from "./rules.ts";
import { isCalm } from "./scenario/calm.ts";
import { scenarioOf } from "./scenario/scenario-of.ts";
import type { Act } from "./scenario/plans.ts";
import type { Scenario } from "./scenario/scenario.ts";
import { inputsPerSubmission, taskPlan } from "./tasks.ts";
import type { TaskPlan } from "./tasks.ts";
import type { Kind } from "./store.ts";
import { startOnlooker } from "./onlooker.ts";
import { startSpectator } from "./spectator.ts";
import type { Spectator } from "./spectator.ts";
import { Witness } from "./witness/witness.ts";
import type { Timesheet } from "./timesheet.ts";
import { startWorker } from "./worker.ts";
import { World } from "./world.ts";
import { told } from "./told.ts";

export interface SimulationReport {
  readonly seed: number;
  readonly scenario: Scenario;
  /** What was broken; empty when nothing was. */
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  /** Virtual milliseconds. */
  readonly elapsed: number;
  readonly tasks: number;
  /** Requests that reached for the store until the client was over and no worker ran, by process, and by kind and kind of key. */
  readonly requests: ReadonlyMap<string, ReadonlyMap<`${Kind} ${string}`, number>>;
  /** When the first client had the outcomes of all that it submitted, in virtual milliseconds. */
  readonly collectedAt: number | undefined;
  readonly timesheet: Timesheet;
  /** Workers as their provider knows them; when a chunk was leased for the first time last, in virtual milliseconds. */
  readonly machines: readonly Machine[];
  readonly lastLease: number;
}

/** Once nothing goes wrong any more, everything comes to its end within this time, in milliseconds. */
const patience = 3_600_000;

/** A task that kills ends some workers one after the other, each found out only by its silence. */
const patiencePerPoison = 600_000;

/** Rounds of workers that somebody starts by hand for a session whose client is no more; a task that kills takes some more. */
const rescues = 10;
const rescuesPerPoison = 5;

export async function simulate(
  seed: number,
  options: {
    readonly trace?: boolean;
    readonly scenario?: Scenario;
    readonly rules?: Rules;
    readonly untilBroken?: boolean;
  } = {},
): Promise<SimulationReport> {
  const scenario = options.scenario ?? scenarioOf(seed);
  const world = new World(scenario, options.trace ?? false, options.rules ?? {}, options.untilBroken);
  const evidence = new Evidence();
  const witness = new Witness(world, evidence);
  const provider = new Provider(world, (name, request, slot) => startWorker(world, evidence, name, request, slot));
  const stray = (error: unknown) => world.violated(`A rejection that nobody handles: ${told(error)}`);
  process.on("unhandledRejection", stray);
  const warned = ({ name, message }: Error) => world.violated(`Node warns: ${name}: ${message}`);
  process.on("warning", warned);
  let requests: SimulationReport["requests"] = new Map();
  let collectedAt: number | undefined;
  let standIns = 0;
  try {
    const opener = startClient(world, provider);
    const collectors = scenario.collectors.map((plan, n) => new Collector(world, witness, plan, `collector${n}`));
    const listeners = scenario.listeners.map((plan, n) => new Listener(world, witness, plan, `listener${n}`));
    const runs = [
      opener,
      ...collectors.map(({ run }) => run),
      ...listeners.map(({ run }) => run),
      ...startRemover(world, provider, witness),
      ...startJoiners(world, provider, witness),
      ...startActors(world, witness),
      ...startSubmitters(world, provider, witness),
      ...startDaemons(world, provider, witness),
    ];
    world.standIn = () => runs.push(startStandIn(world, provider, witness, standIns++));
    const spectator = scenario.spectator ? startSpectator(world, witness) : undefined;
    for (const kind of scenario.onlookers) startOnlooker(world, witness, kind);
    await play(world, provider, runs);
    requests = structuredClone(world.requests);
    collectedAt = Math.max(...opener.collected.map(({ endedAt }) => endedAt ?? Number.NaN));
    await settle(world, runs);
    await rescue(world, provider, witness, runs, 0);
    for (const [n, act] of scenario.afterwards.entries()) {
      if (witness.ledger?.removed) break;
      runs.push(await actLater(world, witness, act, n));
      await rescue(world, provider, witness, runs, n + 1);
    }
    for (let n = scenario.afterwards.length; n < 20 && witness.ledger?.paused && !witness.finished; n++) {
      runs.push(await actLater(world, witness, "resume", n));
      await rescue(world, provider, witness, runs, n + 1);
    }
    await seeOff(world, witness, spectator);
    judge(world, witness, runs);
    if (isCalm(scenario))
      for (const input of evidence.repeated()) world.violated(`Task ${input} ran twice, and nothing had gone wrong.`);
    if (witness.ledger && !witness.ledger.removed) await readLater(world, witness, opener);
    if (witness.ledger && witness.finished) for (const collector of collectors) await collector.finish();
    if (witness.ledger && !witness.ledger.removed) {
      for (const listener of listeners) await listener.finish();
      checkExits(world, provider, witness);
      await checkReceipt(world, provider, witness);
    }
    checkMoney(world, provider, witness, opener);
    checkStartTime(world, witness, opener);
    await takeAway(world, provider, witness);
  } catch (error) {
    // What is left in the middle may still reject where nobody listens: that is heard before the listener goes.
    if (world.timeline.stopped) await setImmediate();
    else world.violated(`The simulation fails: ${told(error)}`);
  } finally {
    process.off("unhandledRejection", stray);
    process.off("warning", warned);
  }
  return {
    seed,
    scenario,
    violations: world.violations,
    trace: world.trace ?? [],
    elapsed: world.timeline.now,
    tasks: witness.ledger?.tasks ?? 0,
    requests,
    collectedAt,
    timesheet: world.timesheet,
    machines: provider.machines,
    lastLease: witness.lastLease,
  };
}

async function play(world: World, provider: Provider, runs: readonly ClientRun[]): Promise<void> {
  const { timeline, scenario } = world;
  const left = () => leftOf(provider, runs);
  const over = () => left().length === 0;
  const work = scenario.submissions.reduce(
    (sum, { tasks, segment, gap }) => sum + tasks * scenario.mix.mean * 10 + (tasks / segment) * gap * 2,
    0,
  );
  if (await timeline.run(over, scenario.faults.until + patience + work + deadlyTasks(world) * patiencePerPoison)) {
    if (!over()) world.violated(`Nothing happens any more, and ${left().join(", ")} did not end.`);
  } else world.violated(`It hangs: after ${Math.round(timeline.now / 1000)} s ${left().join(", ")} did not end.`);
}

/** Who has not ended yet. */
function leftOf(provider: Provider, runs: readonly ClientRun[]): string[] {
  return [
    ...runs.filter((run) => !isOver(run)).map((run) => run.process.name),
    ...provider.running.map(({ name }) => name),
  ];
}

function isOver({ over, process, returns }: ClientRun): boolean {
  return over || (!process.alive && returns !== true);
}

/** From now on nothing goes wrong any more. */
async function settle(world: World, runs: readonly ClientRun[]): Promise<void> {
  const { timeline } = world;
  world.calm();
  // What is still on its way to the store lands.
  await timeline.run(() => false, timeline.now + 300_000);
  for (const { over, process } of runs)
    if (over && process.alive && process.timers > 0)
      world.violated(`${process.name} is over and would not end: it waits for ${process.timers} timers.`);
}

/** Somebody comes back to a session when nobody works on it. */
async function actLater(world: World, witness: Witness, act: Act, n: number): Promise<ClientRun> {
  const { timeline } = world;
  const run = startActor(world, witness, { after: 0, act }, `later${n}`);
  await timeline.run(() => run.over, timeline.now + patience);
  if (!run.over) world.violated(`Who says ${act} when all is over hangs.`);
  return run;
}

/** Kill any process and start another like it: the session comes to the same end. */
async function rescue(
  world: World,
  provider: Provider,
  witness: Witness,
  runs: ClientRun[],
  time: number,
): Promise<void> {
  if (!witness.ledger || witness.ledger.paused || witness.ledger.removed) return;
  const quiet = () =>
    world.scenario.idleTimeout !== undefined && witness.ledger?.submissions.some(({ ended }) => !ended) === true;
  if (witness.finished && (!quiet() || world.scenario.rescue === "hands")) return;
  if (world.scenario.rescue === "hands") return rescueByHand(world, provider, witness, runs, time);
  const { timeline } = world;
  // Of workers that take long to come even the first may come too late.
  for (let n = 0; n < rescues && (n === 0 || isUndone(witness)); n++) {
    const run = startDaemon(world, provider, witness, { start: 0 }, `rescuer${time}${n > 0 ? `.${n}` : ""}`);
    runs.push(run);
    const left = () => leftOf(provider, runs);
    const over = () => left().length === 0;
    if (!(await timeline.run(over, timeline.now + patience * 3 + deadlyTasks(world) * patiencePerPoison)) || !over())
      return world.violated(`A daemon was started later, and ${left().join(", ")} did not end.`);
  }
  if (!witness.ledger.paused && quiet()) world.violated("Nobody ends an open session that is silent.");
  if (!witness.ledger.paused) expectAnswers(world, witness);
}

function isUndone({ ledger, finished, firstBirth }: Witness): boolean {
  return firstBirth === undefined && !finished && ledger !== undefined && !ledger.paused && !ledger.removed;
}

/** Who takes over repeats each launch that was decided and not answered. */
function expectAnswers(world: World, { keys }: Witness): void {
  const { objects } = world;
  for (const key of objects.under(keys.launches))
    if (!objects.has(key.replace(keys.launches, keys.answers)))
      world.violated(`${key} was never answered, though somebody took over`);
}

async function rescueByHand(
  world: World,
  provider: Provider,
  witness: Witness,
  runs: readonly ClientRun[],
  time: number,
): Promise<void> {
  const { timeline } = world;
  const session = witness.keys.root.slice(2, -1);
  const most = rescues + rescuesPerPoison * deadlyTasks(world) * (1 + (witness.ledger?.grants ?? 0));
  for (let round = 0; round < most && !witness.finished && witness.ledger && !witness.ledger.paused; round++) {
    world.note("rescue", `round ${round}`);
    for (const [incarnation, cause] of witness.dead())
      world.objects.set(
        witness.keys.gone(incarnation),
        jsonBody({ v: 1, reason: cause, by: "rescue" }),
        world.storeNow,
      );
    const args = ["--workers=2", `--rev=0`];
    const launch = freeLaunch(world, witness, 900_000 + time * 1000 + round);
    const token = `rescue-${launch}`;
    const fact = {
      v: 1,
      count: 2,
      token,
      because: "rescue",
      by: "rescue",
      backend: "simulated",
      spec: { slots: world.scenario.slots },
    };
    world.objects.set(witness.keys.launch(launch), jsonBody(fact), world.storeNow);
    const program = { sha256: "", url: "" };
    const request = { sessionId: session, launch, token, slots: [0, 1], spec: {}, program, storeId: "", args };
    provider.launch(request, "rescue");
    // Whom a worker calls to supervise stops those that are too many, and tells of ends: nobody starts others, or judges, behind its back.
    const left = () => leftOf(provider, runs);
    const over = () => left().length === 0;
    if (!(await timeline.run(over, timeline.now + patience * 3 + deadlyTasks(world) * patiencePerPoison)) || !over())
      return world.violated(`Workers were started later, and ${left().join(", ")} did not end.`);
  }
}

/** From this one on. A stand-in counts on from the last rescue; its call may be on the way when it is killed. */
function freeLaunch({ objects }: World, { keys }: Witness, from: number): number {
  let launch = from;
  while (objects.has(keys.launch(launch))) launch++;
  return launch;
}

/** Who looks on comes to the end of what has one. */
async function seeOff(world: World, witness: Witness, spectator: Spectator | undefined): Promise<void> {
  if (!spectator) return;
  const { ledger } = witness;
  const ends =
    ledger !== undefined &&
    !ledger.removed &&
    ledger.submissions.length > 0 &&
    ledger.submissions.every(({ ended }) => ended) &&
    witness.finished;
  if (ends) await world.timeline.run(() => spectator.over, world.timeline.now + patience);
  if (ends && !spectator.over) world.violated("Who looks on from another process never comes to the end.");
  spectator.process.die("end");
}

function deadlyTasks({ scenario }: World): number {
  return scenario.submissions.reduce((sum, { tasks }, n) => {
    for (let index = 0; index < tasks; index++)
      if (isDeadly(taskPlan(scenario, n * inputsPerSubmission + index))) sum++;
    return sum;
  }, 0);
}

function isDeadly({ kind, hunger }: TaskPlan): boolean {
  return kind === "poison" || kind === "shaky" || hunger?.kills === true;
}

function judge(world: World, witness: Witness, runs: readonly ClientRun[]): void {
  const { ledger, outcomes } = witness;
  for (const { process, error } of runs)
    if (error !== undefined) world.violated(`${process.name} fails: ${told(error)}`);
  if (!ledger) return;
  if (!ledger.paused && !ledger.removed && !witness.finished)
    world.violated(
      `${ledger.tasks - outcomes.size} of ${ledger.tasks} tasks have no outcome, ${witness.owed.size} wait for a retry.`,
    );
  checkOutcomes(world, witness);
  // What zombies leave in a session that was removed is nobody's.
  if (!ledger.removed) for (const run of runs) checkCollected(world, witness, run);
}

async function readLater(world: World, witness: Witness, run: ClientRun): Promise<void> {
  const session = run.session ?? witness.keys.root.slice(2, -1);
  let over = false;
  const reading = readAgain(world, session, witness).finally(() => {
    over = true;
  });
  reading.catch(() => undefined);
  await world.timeline.run(() => over, world.timeline.now + patience);
  if (!over) return world.violated("A later reader hangs.");
  await reading;
}
