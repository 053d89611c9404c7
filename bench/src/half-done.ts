import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { attachSession, listSessions } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import type { Bench } from "./figure.ts";
import { environment, node, taskOf } from "./program.ts";

/** A session that nobody works on any more. */
export interface HalfDone {
  readonly place: string;
  readonly session: string;
}

/**
 * A map by the command of which the first half is done: what comes behind never ends. Client and workers are killed there.
 * @throws {Error} when the command ends by itself.
 */
export async function halfDone(bench: Bench, count: number): Promise<HalfDone> {
  const place = bench.places.next("half-done");
  const inputs = join(place, "inputs.jsonl");
  writeFileSync(inputs, Array.from({ length: count }, (_, n) => `${n < count / 2 ? n : null}\n`).join(""));
  const [command = "", ...args] = node(
    bench.skyburst,
    "map",
    taskOf("sameUnlessNull"),
    inputs,
    "--workers",
    "1",
    "--slots",
    "2",
    "--quiet",
  );
  const output = openSync(join(place, "stdout"), "w");
  const client = spawn(command, args, { cwd: place, stdio: ["ignore", output, output], env: environment() });
  const ended = once(client, "exit");
  closeSync(output);
  const session = await untilHalf(place, count, () => client.exitCode !== null);
  client.kill("SIGKILL");
  await ended;
  const backend = local();
  const workers = await backend.list(session);
  await backend.stop(
    workers.map(({ id }) => id),
    { grace: 0 },
  );
  return { place, session };
}

async function untilHalf(place: string, count: number, isOver: () => boolean): Promise<string> {
  const store = directory(join(place, ".skyburst"));
  for (;;) {
    if (isOver()) throw new Error(`The map in ${place} ended, and should not have.`);
    const [session] = await listSessions(store);
    // From the first commit on there is something to attach to.
    if (session && existsSync(join(place, ".skyburst", "s", session.id, "done"))) {
      const { succeeded } = await (await attachSession(store, session.id)).status();
      if (succeeded === Math.floor(count / 2)) return session.id;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
