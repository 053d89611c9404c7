import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { attachSession, open } from "@skyburst/core";
import type { Session, SessionStatus, Task } from "@skyburst/core";
import * as tasks from "../tasks.ts";
import { programArguments } from "../run-program.ts";
import { run, start, startNode, succeed } from "./command.ts";
import type { Ended, Started } from "./command.ts";
import { feedOf } from "./feed-of.ts";
import type { Desk, Ground } from "./ground.ts";

export interface Job {
  readonly task: "gated" | "square" | "flagged" | "stubborn" | "brief";
  readonly inputs: readonly unknown[];
  /** More may be added. */
  readonly open?: boolean;
  /** Milliseconds from now on until the session is paused. */
  readonly deadline?: number;
}

/** An outcome, as whoever asked for it was told. */
export interface Told {
  readonly task: number;
  readonly status: "succeeded" | "failed" | "cancelled";
  readonly value?: unknown;
}

/** What a user can do with a session that outlives everybody, in one of the two ways there are. */
export interface Hands {
  /** A client of its own process, that ends by a signal as soon as all is submitted. */
  abandon(job: Job, signal: NodeJS.Signals): Promise<string>;
  /** Adds by a client that kills itself before the ledger's entry that names them. */
  addInVain(session: string, job: Job, id: string): Promise<void>;
  /** Resolves when all is submitted, and workers go on without us. */
  submit(job: Job): Promise<string>;
  add(session: string, job: Job, id?: string): Promise<void>;
  end(session: string): Promise<void>;
  /**
   * What is there, in order; with `wait`, to the session's end, and whoever collects sees to it that somebody works on it.
   *
   * @param heard Called as soon as anything is told.
   */
  collect(session: string, wait: boolean, heard?: () => void): Promise<Told[]>;
  status(
    session: string,
  ): Promise<Pick<SessionStatus, "state" | "tasks" | "succeeded" | "failed" | "cancelled" | "running">>;
  cancel(session: string, task?: number): Promise<void>;
  extend(session: string, by: number): Promise<void>;
  retry(session: string): Promise<void>;
  remove(session: string, now: boolean): Promise<void>;
  /** Lets go of what the test itself still holds. */
  leave(): Promise<void>;
}

export const modulePath = fileURLToPath(new URL("../tasks.ts", import.meta.url));

/** By the command, each time from another desk with an empty home. */
export function byCommand(ground: Ground): Hands {
  const steer = async (...args: readonly string[]) => void (await succeed(ground.desk(), args));
  return {
    async submit(job) {
      const desk = ground.desk();
      const limit = job.deadline === undefined ? [] : ["--deadline", `+${job.deadline}ms`];
      const args = [
        "submit",
        `${modulePath}#${job.task}`,
        inputsAt(desk, job),
        ...(job.open ? ["--open"] : []),
        ...limit,
      ];
      return (await succeed(desk, args)).trim();
    },
    async abandon(job, signal) {
      const desk = ground.desk();
      const client = start(desk, [
        "submit",
        `${modulePath}#${job.task}`,
        inputsAt(desk, job),
        ...(job.open ? ["--open"] : []),
      ]);
      const session = (await client.printed(/^\S+(?=\n)/)).trim();
      hit(client, signal);
      await client.ended;
      return session;
    },
    async addInVain(session, job, id) {
      const desk = ground.desk();
      expectKilled(await run(desk, ["add", session, inputsAt(desk, job), "--id", id], { KILLED_BEFORE_ENTRY: "0" }));
    },
    async add(session, job, id) {
      const desk = ground.desk();
      await succeed(desk, ["add", session, inputsAt(desk, job), ...(id === undefined ? [] : ["--id", id])]);
    },
    end: (session) => steer("end", session),
    async collect(session, wait, heard) {
      const args = ["collect", session, ...(wait ? ["--wait"] : [])];
      const collector = start(ground.desk(), args);
      if (heard) collector.process.stdout?.once("data", heard);
      const { stdout, stderr, code } = await collector.ended;
      // 1: some failed or were cancelled. 4: not all is there.
      if (code !== 0 && code !== 1 && (wait || code !== 4))
        throw new Error(`skyburst ${args.join(" ")} ended with ${code}: ${stderr}`);
      return toldIn(stdout);
    },
    async status(session) {
      return JSON.parse(await succeed(ground.desk(), ["status", session, "--json"])) as SessionStatus;
    },
    cancel: (session, task) => steer("cancel", session, ...(task === undefined ? [] : ["--task", String(task)])),
    extend: (session, by) => steer("extend", session, "--deadline", `+${by}ms`),
    retry: (session) => steer("retry", session),
    remove: (session, now) => steer("rm", session, ...(now ? ["--now"] : [])),
    leave: async () => undefined,
  };
}

/** By the API: a program that opened the session and stays, and others that come to it. */
export function byApi(ground: Ground): Hands {
  const sessions: Session[] = [];
  const { store } = ground;
  const come = async (session: string) => {
    const joined = await open({ backend: ground.backend(), store, session });
    sessions.push(joined);
    return joined;
  };
  return {
    async submit({ task, inputs, open: staysOpen, deadline }) {
      const session = await open({
        backend: ground.backend(),
        store,
        workers: 2,
        spec: { slots: 1 },
        linger: 300,
        ...(deadline === undefined ? {} : { deadline: (await store.now()) + deadline }),
      });
      sessions.push(session);
      await session.submitAll(taskNamed(task), inputs, { open: staysOpen });
      return session.id;
    },
    async abandon(job, signal) {
      const client = startNode(ground.desk(), programArguments("outlive-client", "submit", JSON.stringify(job)));
      const session = (await client.printed(/^\S+(?=\n)/)).trim();
      hit(client, signal);
      await client.ended;
      return session;
    },
    async addInVain(session, job, id) {
      const args = programArguments("outlive-client", "add", JSON.stringify(job), session, id);
      expectKilled(await startNode(ground.desk(), args, { KILLED_BEFORE_ENTRY: "0" }).ended);
    },
    async add(session, { inputs }, id) {
      await (await attachSession(store, session)).add(feedOf(inputs), { id });
    },
    async end(session) {
      await (await attachSession(store, session)).end();
    },
    async collect(session, wait, heard) {
      const told: Told[] = [];
      const from = wait ? await come(session) : await attachSession(store, session);
      for await (const outcome of from.outcomes({ wait })) {
        heard?.();
        told.push(toldOf(outcome));
      }
      return told;
    },
    async status(session) {
      return (await attachSession(store, session)).status();
    },
    async cancel(session, task) {
      await (await attachSession(store, session)).cancel({ task });
    },
    async extend(session, by) {
      await (await come(session)).extend({ deadline: { by } });
    },
    async retry(session) {
      await (await come(session)).retryFailed();
    },
    async remove(session, now) {
      await (await attachSession(store, session)).remove({ backend: ground.backend(), now });
    },
    async leave() {
      for (const session of sessions.splice(0)) await session.detach();
    },
  };
}

/** Its whole process group, as a terminal does that is closed. */
function hit({ pid }: Started, signal: NodeJS.Signals): void {
  if (!(pid > 1)) throw new Error("The client was not started.");
  process.kill(-pid, signal);
}

function expectKilled({ code, signal, stderr }: Ended): void {
  if (signal !== "SIGKILL")
    throw new Error(`It ended with ${code ?? signal}, and should have killed itself: ${stderr}`);
}

export function taskNamed(name: keyof typeof tasks): Task<unknown, unknown> {
  const known: { readonly [name: string]: Task<never, unknown> } = tasks;
  return known[name] as Task<unknown, unknown>;
}

export function inputsAt({ directory }: Desk, { inputs }: Pick<Job, "inputs">): string {
  const path = join(directory, "inputs.jsonl");
  writeFileSync(path, inputs.map((input) => `${JSON.stringify(input)}\n`).join(""));
  return path;
}

/** What the command printed: one outcome a line. */
export function toldIn(stdout: string): Told[] {
  const lines = stdout.split("\n");
  if (lines.pop() !== "") throw new Error(`The output does not end with a whole line: ${stdout.slice(-200)}`);
  return lines.map((line) => toldOf(JSON.parse(line) as Told));
}

function toldOf(outcome: Told): Told {
  const { task, status } = outcome;
  return status === "succeeded" ? { task, status, value: outcome.value } : { task, status };
}
