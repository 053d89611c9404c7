import { createHash, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { docker } from "@skyburst/backend-docker";

/**
 * Launches so many workers of an image, with a program that does nothing, and waits until all of them have ended and are gone. Prints
 * the codes with which they ended, as JSON.
 */
const [count = "1", image = ""] = process.argv.slice(2);
const file = resolve("program.mjs");
const text = "// Nothing.\n";
writeFileSync(file, text);
const sha256 = createHash("sha256").update(text).digest("hex");
const backend = docker({ image });
const sessionId = randomUUID();
const watching = codes();
const { refused } = await backend.launch({
  sessionId,
  launch: 0,
  token: randomUUID(),
  slots: Array.from({ length: Number(count) }, (_, slot) => slot),
  spec: {},
  program: { sha256, url: pathToFileURL(file).href },
  storeId: "0123456789abcdef",
  args: [],
});
if (refused.length > 0) throw new Error(JSON.stringify(refused));
process.stdout.write(JSON.stringify(await watching));
await backend.close?.();

/** Of all workers, once they have ended; whoever watches on lets the backend remove them. */
async function codes(): Promise<readonly (number | undefined)[]> {
  const ended = new Map<string, number | undefined>();
  for await (const workers of backend.watch?.(sessionId) ?? []) {
    for (const { id, exit } of workers) if (exit) ended.set(id, exit.code);
    if (ended.size === Number(count) && workers.length === 0) break;
  }
  return [...ended.values()];
}
