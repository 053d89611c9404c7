import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { findSession, reproduceTask } from "@skyburst/core";
import type { Reproduction, ReproductionEnd, Secrets, StateStore, WorkerExit } from "@skyburst/core";
import { facts as factsOf, readLedger, sessionKeys, systemRuntime, wholeLines } from "@skyburst/core/protocol";
import type { OutcomeLine } from "@skyburst/core/protocol";
import { directory } from "@skyburst/state-fs";
import { loadConfig } from "../config.ts";
import { interruption } from "../interrupt.ts";
import { printLogs } from "../output/print-logs.ts";
import { writeTo } from "../output/stream-output.ts";
import { tell } from "../output/tell.ts";
import { readSecrets, secretSources } from "../secrets.ts";
import { composeStore } from "../stack.ts";
import type { StoreFlags } from "../stack.ts";

export interface ReproduceFlags extends StoreFlags {
  readonly task: number;
  readonly secret?: readonly string[];
}

/** Runs a task of a session once more, on this machine and alone: what it prints as it comes, then what became of it. */
export async function reproduce(called: string, flags: ReproduceFlags): Promise<number> {
  const store = await composeStore(flags);
  const secrets = await secretsFor(store, called, flags);
  const signal = interruption();
  const place = await mkdtemp(join(tmpdir(), "skyburst-reproduce-"));
  try {
    const scratch = directory(place);
    const again = await reproduceTask(store, called, { task: flags.task, scratch, backend: local(), secrets, signal });
    const end = await withOutput(again);
    signal.throwIfAborted();
    return await (end.kind === "died" ? sayDied(end) : sayOutcome(scratch, end.line, flags));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function secretsFor(store: StateStore, called: string, { secret, config }: ReproduceFlags): Promise<Secrets> {
  const id = await findSession(store, called);
  const ledger = await readLedger(factsOf(store, systemRuntime), sessionKeys(id));
  const names = ledger?.session.secrets ?? [];
  return names.length === 0 ? {} : readSecrets(secretSources(secret, (await loadConfig(config)).secrets), names);
}

async function withOutput({ logs, ended }: Reproduction): Promise<ReproductionEnd> {
  const over = new AbortController();
  const [end] = await Promise.all([ended.finally(() => over.abort()), printLogs(logs.follow({ signal: over.signal }))]);
  await printLogs(logs.read());
  return end;
}

async function sayOutcome(scratch: StateStore, line: OutcomeLine, { json, task }: ReproduceFlags): Promise<number> {
  if (json) {
    const lines = Buffer.from(`${JSON.stringify(line)}\n`);
    for await (const whole of wholeLines(factsOf(scratch, systemRuntime), lines)) await writeTo(process.stdout, whole);
  } else await tell(`task ${task} ${wordsOf(line)}`);
  return line.status === "succeeded" ? 0 : 1;
}

function wordsOf(line: OutcomeLine): string {
  if (line.status === "succeeded") return `succeeded here in ${line.seconds} s: ${valueOf(line)}`;
  if (line.status === "cancelled") return "was cancelled";
  const { name = "Error", message = "", stack } = line.error as { name?: string; message?: string; stack?: string };
  return `failed here after ${line.seconds} s (${line.blame}): ${stack ?? `${name}: ${message}`}`;
}

/** Most characters of a value that are shown to who did not ask for JSON. */
const shown = 500;

function valueOf({ value, blob }: Extract<OutcomeLine, { status: "succeeded" }>): string {
  if (blob) return `a value of ${blob.bytes} bytes (--json shows it)`;
  const text = value === undefined ? "undefined" : JSON.stringify(value);
  return text.length > shown ? `${text.slice(0, shown)}… (--json shows all)` : text;
}

/** What the process printed itself is shown: often only that says why. */
async function sayDied({ exit, said }: Extract<ReproductionEnd, { kind: "died" }>): Promise<number> {
  if (said.trim() !== "") process.stderr.write(said.endsWith("\n") ? said : `${said}\n`);
  await tell(`the task ended its worker here as well: ${howOf(exit)}.`);
  const { signal } = exit;
  return signal !== undefined && signal in constants.signals ? 128 + constants.signals[signal as NodeJS.Signals] : 1;
}

function howOf({ reason, signal, code }: WorkerExit): string {
  const why = reason === "oom" ? "out of memory, " : "";
  if (signal !== undefined) return `${why}by ${signal}`;
  return code === undefined ? `${why}and nobody can say how` : `${why}with exit code ${code}`;
}
