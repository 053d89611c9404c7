import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import type { Backend, Mapped, OpenOptions, Outcome, Session } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { afterEach } from "vitest";
import { checkSession } from "./invariants.ts";
import type { CheckOptions, Outcomes } from "./invariants.ts";

/** A session on a directory of its own, whose objects are checked when it is done. */
export interface UnderTest {
  readonly session: Session;
  readonly backend: Backend;
  /** Directory of the store. */
  readonly store: string;
  /** For what tasks of the test write. */
  readonly scratch: string;
  /** Closes the session, waits until every worker process has ended, and checks all objects. */
  end(options?: CheckOptions): Promise<Outcomes>;
}

const opened: UnderTest[] = [];
const directories: string[] = [];

/** Stops what a failed test has left, so that the next one starts alone. */
afterEach(async () => {
  for (const { session, backend } of opened.splice(0)) {
    await session.close();
    await stopAll(backend, session.id);
  }
  for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** Defaults: 2 workers of 1 slot. */
export async function openSession(options: Partial<OpenOptions> = {}): Promise<UnderTest> {
  const store = temporaryDirectory();
  return openOn(store, options);
}

export async function openOn(store: string, options: Partial<OpenOptions> = {}): Promise<UnderTest> {
  const backend = options.backend ?? local();
  const session = await open({
    store: directory(store),
    workers: 2,
    spec: { slots: 1 },
    linger: 2000,
    ...options,
    backend,
  });
  const under: UnderTest = {
    session,
    backend,
    store,
    scratch: temporaryDirectory(),
    async end(check) {
      await session.close();
      await allEnded(backend, session.id);
      return checkSession(store, session.id, check);
    },
  };
  opened.push(under);
  return under;
}

export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "skyburst-faults-"));
  directories.push(path);
  return path;
}

export async function collectAll<T>(mapped: Mapped<T>): Promise<Outcome<T>[]> {
  const outcomes: Outcome<T>[] = [];
  for await (const outcome of mapped) outcomes.push(outcome);
  return outcomes.sort((a, b) => a.index - b.index);
}

/** Looks again and again until `look` finds something; what is looked for is named when it never comes. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  deadline = 90_000,
): Promise<T> {
  const end = performance.now() + deadline;
  for (;;) {
    const began = performance.now();
    const found = await look();
    if (found !== undefined && found !== false) return found;
    const now = performance.now();
    if (now > end) throw new Error(`${what} did not happen within ${deadline / 1000} s.`);
    // Most of the time is left to those who are waited for: a look may list all processes, or run a command.
    const pause = Math.min(Math.max(shortest, 4 * (now - began)), longest);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Between two looks, in milliseconds. */
const [shortest, longest] = [5, 250];

/** The session's worker processes have ended, all of them. */
export async function allEnded(backend: Backend, session: string): Promise<void> {
  await eventually("The end of all workers", async () =>
    (await backend.list(session)).every(({ state }) => state === "exited"),
  );
}

async function stopAll(backend: Backend, session: string): Promise<void> {
  const living = (await backend.list(session)).filter(({ state }) => state !== "exited");
  await backend.stop(
    living.map(({ id }) => id),
    { grace: 100 },
  );
  await allEnded(backend, session);
}

/** Lines that tasks appended to files of this name. */
export function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}

export function filesIn(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : [];
}
