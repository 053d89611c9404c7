import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { sessionKeys } from "@skyburst/core/protocol";
import { directory } from "@skyburst/state-fs";

/**
 * Kills a worker in the middle of a task while another is idle, and prints the milliseconds from the SIGKILL to the next
 * lease on its chunk, by another. The map ends with every result once.
 */
const store = directory(".skyburst");
const backend = local();
const release = resolve("release");
const session = await open({ backend, store, workers: 2, spec: { slots: 1 } });
const keys = sessionKeys(session.id);

const task = async ({ hold, release }: { hold: boolean; release: string }): Promise<boolean> => {
  const { existsSync } = await import("node:fs");
  while (hold && !existsSync(release)) await new Promise((resolve) => setTimeout(resolve, 5));
  return hold;
};
const values = session
  .map(task, [
    { hold: true, release },
    { hold: false, release },
  ])
  .values();
const [owner] = await Promise.all([leased(1), exists(keys.done({ s: 0, i: 1, t: 0 }))]);
const pid = await processOf(owner);
const killed = performance.now();
process.kill(pid, "SIGKILL");
const next = await leased(2);
const milliseconds = performance.now() - killed;
writeFileSync(release, "");
const found = await values;
await session.close();
if (next === owner || found.join() !== "true,false") throw new Error(`${owner}, then ${next}: ${found.join()}`);
process.stdout.write(String(milliseconds));

/** Owner of an epoch of the first chunk, as soon as there is one. */
async function leased(e: number): Promise<string> {
  const body = await exists(keys.lease({ s: 0, i: 0, t: 0, e }));
  return (JSON.parse(new TextDecoder().decode(body)) as { owner: string }).owner;
}

async function exists(key: string): Promise<Uint8Array> {
  for (;;) {
    const body = await store.get(key);
    if (body) return body;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** The one process of this worker: its label stands on its command line. */
async function processOf(incarnation: string): Promise<number> {
  const [launch, slot] = incarnation.split(".").map(Number);
  const worker = (await backend.list(session.id)).find((known) => known.launch === launch && known.slot === slot);
  const label = `--skyburst-worker=${worker?.id}`;
  const processes = execFileSync("ps", ["-A", "-ww", "-o", "pid=,args="], { encoding: "utf8" }).split("\n");
  const found = processes.filter((line) => line.split(" ").includes(label));
  const pid = Number.parseInt(found[0] ?? "", 10);
  if (found.length !== 1 || !(pid > 1)) throw new Error(`${found.length} processes are worker ${incarnation}.`);
  return pid;
}
