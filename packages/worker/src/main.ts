import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { JsonObject, StateStore } from "@skyburst/core";
import {
  facts as factsOf,
  parseWorkerArguments,
  readyLine,
  sessionKeys,
  Spares,
  systemRuntime,
} from "@skyburst/core/protocol";
import { launchArguments } from "./launch-arguments.ts";
import { ownControlGroup } from "./memory/control-group.ts";
import { ProcessSlots } from "./process-slots.ts";
import type { Mask } from "./secrets/mask.ts";
import { takeSecrets } from "./secrets/take-secrets.ts";
import { startStandIn } from "./stand-in.ts";
import { Worker } from "./worker.ts";

/** The source of `thread.ts` and all that it imports, put in when this package is built. */
declare const SKYBURST_THREAD: string;

export interface MainOptions {
  /** Opens the store that the launch arguments name. */
  readonly store: (options: JsonObject) => StateStore;
  /** Module of that store: arguments that name another are refused. */
  readonly module: string;
  /** `import.meta.url` of the program, whose bytes are compared with what the session asked for. */
  readonly program: string;
  /** Milliseconds that tasks get to finish after SIGTERM. Default 5,000. */
  readonly grace?: number | undefined;
}

/**
 * The worker program: reads the launch arguments, works until nothing is left, and exits. Exit code 0: it left in order, or was told
 * nothing to do.
 * Anything else is a crash, and what went wrong is on stderr.
 */
export async function main(options: MainOptions): Promise<void> {
  const stop = new AbortController();
  process.on("SIGTERM", () => stop.abort());
  // The terminal's Ctrl-C and hang-up are for the client, which tells its workers in its own way.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
  let mask: Mask | undefined;
  try {
    const argv = await launchArguments(process.argv.slice(2));
    if (argv === undefined) process.exit(0);
    const given = parseWorkerArguments(argv, process.env);
    mask = takeSecrets(given.secrets);
    await run(options, given, mask, stop.signal);
    process.exit(0);
  } catch (error) {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${mask ? mask.text(said) : said}\n`);
    process.exit(1);
  }
}

async function run(
  { store: openStore, module, program, grace = 5000 }: MainOptions,
  given: ReturnType<typeof parseWorkerArguments>,
  mask: Mask | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (given.store.module !== module)
    throw new Error(`This worker program opens stores of ${module}, and it was given one of ${given.store.module}.`);
  verify(program, given.program);
  const facts = factsOf(openStore(given.store.options), systemRuntime);
  const opened = whenOpened();
  const spares = new Spares();
  const slots = new ProcessSlots({
    spares,
    count: given.slots ?? availableParallelism(),
    facts,
    keys: sessionKeys(given.session),
    thread: SKYBURST_THREAD,
    mask,
    // What the backend gave this process is what it looks for.
    label: process.env.SKYBURST_WORKER ?? `${given.session}.${given.launch}.${given.slot}`,
    alone: isAlone(),
  });
  const { standIn } = given;
  if (given.warm) slots.warm(given.warm);
  const worker = new Worker({
    facts,
    runtime: systemRuntime,
    slots,
    spares,
    mask,
    session: given.session,
    launch: given.launch,
    slot: given.slot,
    workers: given.workers,
    rev: given.rev,
    at: given.at,
    signal,
    grace,
    memory: given.memory ?? ownControlGroup()?.limit,
    opened,
    standIn: standIn && (() => startStandIn({ ...given, standIn, program })),
  });
  try {
    await worker.run();
  } finally {
    await slots.close();
  }
}

/** A backend says so that gives each worker processes of its own, of which another is the first. It is no business of the commands. */
function isAlone(): boolean {
  const { SKYBURST_ALONE } = process.env;
  delete process.env.SKYBURST_ALONE;
  return SKYBURST_ALONE === "1" && process.ppid === 1;
}

/** A backend may wait for one worker to say so before it starts others. It is no business of the commands. */
function whenOpened(): (() => void) | undefined {
  const { SKYBURST_READY } = process.env;
  delete process.env.SKYBURST_READY;
  return SKYBURST_READY === "1" ? () => void process.stdout.write(`${readyLine}\n`) : undefined;
}

/** Runs no other bytes than those it was launched as. */
function verify(program: string, sha256: string): void {
  const found = createHash("sha256")
    .update(readFileSync(fileURLToPath(program)))
    .digest("hex");
  if (found !== sha256)
    throw new Error(
      `This worker program has the SHA-256 ${found}; the session asked for ${sha256}. Start the job again with one version of Skyburst.`,
    );
}
