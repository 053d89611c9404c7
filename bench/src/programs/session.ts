import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { listAll, facts, parseJson, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import type { Usage } from "@skyburst/core/protocol";
import { directory } from "@skyburst/state-fs";

/**
 * A map of no-ops through the API, on a directory of the given durability, its outcomes taken in input order (`ordered`) or
 * as they finish. Prints the sum of the values, and the requests that client and workers sent to the store.
 */
const [durable = "process", order = "ordered", count = "0"] = process.argv.slice(2);
const store = directory(".skyburst", { durable: durable === "power" ? "power" : "process" });
const session = await open({ backend: local(), store, workers: 1, spec: { slots: 2 } });
let sum = 0;
let succeeded = 0;
const inputs = Array.from({ length: Number(count) }, (_, n) => n);
for await (const outcome of session.map((input: number) => input, inputs, { ordered: order === "ordered" })) {
  if (outcome.status !== "succeeded") throw new Error(`Task ${outcome.index}: ${outcome.status}`);
  sum += outcome.value;
  succeeded++;
}
const client = session.usage();
await session.close();
process.stdout.write(JSON.stringify({ sum, succeeded, client, workers: await workerUsage() }));

/** What each worker said of itself in its last act: what its process had sent so far. */
async function workerUsage(): Promise<Usage[]> {
  const watching = facts(store, systemRuntime);
  const keys = sessionKeys(session.id);
  for (;;) {
    const gone = (await listAll(watching, keys.gones)).entries;
    const born = (await listAll(watching, keys.births)).entries;
    if (gone.length >= born.length) return await Promise.all(lastLives(gone).map(usageIn));
    await systemRuntime.sleep(10);
  }

  /** Keys come in order, so the last of a process tells of all its lives. */
  function lastLives(entries: readonly { readonly key: string }[]): string[] {
    const last = new Map(entries.map(({ key }) => [key.slice(keys.gones.length).split(".", 2).join("."), key]));
    return [...last.values()];
  }

  async function usageIn(key: string): Promise<Usage> {
    const { usage } = parseJson((await watching.get(key)) ?? new Uint8Array()) as { usage?: Usage };
    if (!usage) throw new Error(`${key} does not tell what the worker sent.`);
    return usage;
  }
}
