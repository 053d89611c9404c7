import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { attachSession, open, reproduceTask, SkyburstError, usd } from "@skyburst/core";
import type { Receipt, Session, SessionEvent } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { run, startNode, succeed } from "../outlive/command.ts";
import { inputsAt, modulePath, taskNamed } from "../outlive/hands.ts";
import { processesOf, signal } from "../outlive/processes.ts";
import { programArguments } from "../run-program.ts";
import { eventually } from "../session-under-test.ts";
import { flagsOf, openOptionsOf, submitOptionsOf } from "./rent.ts";
import type { Rent } from "./rent.ts";
import type { RentedGround } from "./terms.ts";

export interface Rented {
  readonly session: string;
  /** Process that keeps up its workers. */
  readonly supervisor: number;
}

/** An outcome, as whoever asked for it was told. */
export interface Heard {
  readonly task: number;
  readonly status: "succeeded" | "failed" | "cancelled";
  readonly attempts: number;
  readonly value?: unknown;
  readonly blame?: string | undefined;
  readonly message?: string | undefined;
}

/** How a job ended that its client waited for. */
export interface Mapped {
  readonly heard: readonly Heard[];
  /** What was said of it: on standard error, or by an error. */
  readonly said: string;
  /** Nothing could run: exit code 125, error code `workers`. */
  readonly hopeless: boolean;
}

/** What became of a task that was run again, here and alone. */
export interface Reproduced {
  /** Its worker ended with it. */
  readonly died: boolean;
  readonly value?: unknown;
}

/** What a user does with rented workers, in one of the two ways there are. */
export interface Renter {
  /** Resolves when all is submitted and somebody else keeps up the workers, in a process of its own. */
  submit(rent: Rent): Promise<Rented>;
  /** Submits, waits and collects. */
  map(rent: Rent): Promise<Mapped>;
  /** A further process that would keep up the workers. Resolves with its number. */
  standBy(session: string): Promise<number>;
  /** To the session's end; whoever collects sees to it that somebody works on it. */
  collect(session: string): Promise<readonly Heard[]>;
  /** The same of a session that stops before its end: resolves with why. */
  collectUntilPaused(session: string): Promise<string>;
  /** To so many dollars in all; somebody goes on then. */
  extend(session: string, budget: number): Promise<void>;
  receipt(session: string): Promise<Receipt>;
  /** Those that there are. */
  events(session: string): Promise<readonly SessionEvent[]>;
  /** Types the command that a failed task's error ends with, or calls what it calls. */
  reproduce(session: string, failed: Heard): Promise<Reproduced>;
  leave(): Promise<void>;
}

export function renterByCommand(ground: RentedGround): Renter {
  return {
    async submit(rent) {
      const desk = ground.desk();
      const args = ["submit", `${modulePath}#${rent.task}`, inputsAt(desk, rent), ...flagsOf(rent)];
      const session = (await succeed(desk, args)).trim();
      return { session, supervisor: supervisorsOf(session)[0] ?? 0 };
    },
    async map(rent) {
      const desk = ground.desk();
      const args = ["map", `${modulePath}#${rent.task}`, inputsAt(desk, rent), ...flagsOf(rent)];
      const { stdout, stderr, code } = await run(desk, args);
      return { heard: heardIn(stdout), said: stderr, hopeless: code === 125 };
    },
    async standBy(session) {
      const known = supervisorsOf(session);
      void run(ground.desk(), ["supervise", session]);
      return eventually("Another supervisor", () => supervisorsOf(session).find((pid) => !known.includes(pid)));
    },
    async collect(session) {
      const args = ["collect", session, "--wait"];
      const { stdout, stderr, code } = await run(ground.desk(), args);
      if (code !== 0 && code !== 1) throw new Error(`skyburst ${args.join(" ")} ended with ${code}: ${stderr}`);
      return heardIn(stdout);
    },
    async collectUntilPaused(session) {
      const { stderr, code } = await run(ground.desk(), ["collect", session, "--wait"]);
      if (code !== 4) throw new Error(`collect ended with ${code}, and not as of a session that is paused: ${stderr}`);
      return stderr;
    },
    async extend(session, budget) {
      await succeed(ground.desk(), ["extend", session, "--budget", String(budget)]);
    },
    async receipt(session) {
      return JSON.parse(await succeed(ground.desk(), ["status", session, "--receipt", "--json"])) as Receipt;
    },
    async events(session) {
      const text = await succeed(ground.desk(), ["events", session, "--json"]);
      return linesIn(text).map((line) => JSON.parse(line) as SessionEvent);
    },
    async reproduce(_, { message = "" }) {
      const [, line] = /skyburst (reproduce \S+ --task \d+)$/.exec(message) ?? [];
      if (line === undefined) throw new Error(`No command is in: ${message}`);
      const { stdout, stderr, code } = await run(ground.desk(), [...line.split(" "), "--json"]);
      if (code === 0) return { died: false, value: (JSON.parse(stdout) as Told).value };
      // As a shell tells of who was killed by SIGKILL.
      if (code !== 137) throw new Error(`skyburst ${line} ended with ${code}: ${stderr}`);
      return { died: true };
    },
    leave: async () => undefined,
  };
}

export function renterByApi(ground: RentedGround): Renter {
  const sessions: Session[] = [];
  const pids: number[] = [];
  const come = async (session: string) => {
    const joined = await open({ backend: ground.backend(), store: ground.store, session });
    sessions.push(joined);
    return joined;
  };
  return {
    async submit(rent) {
      const desk = ground.desk();
      writeFileSync(join(desk.directory, "rent.json"), JSON.stringify(rent));
      const client = startNode(desk, programArguments("fleet-client"));
      pids.push(client.pid);
      const session = (await client.printed(/^\S+(?=\n)/)).trim();
      return { session, supervisor: client.pid };
    },
    async map(rent) {
      const session = await open({ backend: ground.backend(), store: ground.store, ...openOptionsOf(rent) });
      sessions.push(session);
      const heard: Heard[] = [];
      try {
        for await (const outcome of session.map(taskNamed(rent.task), rent.inputs, submitOptionsOf(rent)))
          heard.push(heardOf(outcome));
        // As they finished: nobody said that they are to be in order.
        return { heard: heard.sort((a, b) => a.task - b.task), said: "", hopeless: false };
      } catch (error) {
        if (!(error instanceof SkyburstError)) throw error;
        return { heard, said: error.message, hopeless: error.code === "workers" };
      } finally {
        await session.close();
      }
    },
    async standBy(session) {
      await come(session);
      return process.pid;
    },
    async collect(session) {
      const heard: Heard[] = [];
      const joined = await come(session);
      for await (const outcome of joined.outcomes({ wait: true })) heard.push(heardOf(outcome));
      return heard;
    },
    async collectUntilPaused(session) {
      const joined = await come(session);
      try {
        for await (const { task } of joined.outcomes({ wait: true })) void task;
      } catch (error) {
        if (error instanceof SkyburstError && error.code === "paused") return error.message;
        throw error;
      }
      throw new Error(`Session ${session} came to its end.`);
    },
    async extend(session, budget) {
      await (await attachSession(ground.store, session)).extend({ budget: usd(budget) });
    },
    async receipt(session) {
      return (await come(session)).receipt();
    },
    async events(session) {
      const events: SessionEvent[] = [];
      for await (const event of (await attachSession(ground.store, session)).events()) events.push(event);
      return events;
    },
    async reproduce(session, { task }) {
      const place = mkdtempSync(join(tmpdir(), "skyburst-again-"));
      const { ended } = await reproduceTask(ground.store, session, {
        task,
        scratch: directory(place),
        backend: local(),
      });
      const end = await ended;
      rmSync(place, { recursive: true });
      return end.kind === "died" ? { died: true } : { died: false, value: heardOf(end.line as Told).value };
    },
    async leave() {
      for (const session of sessions.splice(0)) await session.detach();
      for (const pid of pids.splice(0)) signal(pid, "SIGKILL");
    },
  };
}

function supervisorsOf(session: string): number[] {
  return processesOf(session).flatMap(({ pid, role }) => (role === "supervisor" ? [pid] : []));
}

interface Told {
  readonly task: number;
  readonly status: Heard["status"];
  readonly attempts: number;
  readonly value?: unknown;
  readonly blame?: string | undefined;
  readonly error?: { readonly message: string };
}

function heardIn(stdout: string): Heard[] {
  return linesIn(stdout).map((line) => heardOf(JSON.parse(line) as Told));
}

function linesIn(text: string): string[] {
  return text.split("\n").slice(0, -1);
}

function heardOf({ task, status, attempts, value, blame, error }: Told): Heard {
  const told = { task, status, attempts };
  return status === "failed"
    ? { ...told, blame, message: error?.message }
    : status === "succeeded"
      ? { ...told, value }
      : told;
}
