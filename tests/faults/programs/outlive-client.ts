import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { local } from "@skyburst/backend-local";
import { attachSession, open } from "@skyburst/core";
import type { StateStore } from "@skyburst/core";
import { feedOf } from "../outlive/feed-of.ts";
import { taskNamed } from "../outlive/hands.ts";
import type { Job } from "../outlive/hands.ts";

// A client of its own process, on the store that its working directory has a configuration for: opens a session and submits, or
// adds to one under an id. It tells the session's id when all is submitted, and stays until it is killed.
const [verb = "submit", text = "{}", called = "", id = ""] = process.argv.slice(2);
const { task, inputs, open: staysOpen = false } = JSON.parse(text) as Job;
const configuration = (await import(pathToFileURL(join(process.cwd(), "skyburst.config.mjs")).href)) as {
  readonly default: { readonly store: StateStore };
};
const { store } = configuration.default;
if (verb === "submit") {
  const session = await open({ backend: local(), store, workers: 2, spec: { slots: 1 }, linger: 300 });
  await session.submitAll(taskNamed(task), inputs, { open: staysOpen });
  process.stdout.write(`${session.id}\n`);
} else {
  await (await attachSession(store, called)).add(feedOf(inputs), { id });
  process.stdout.write(`${called}\n`);
}
setInterval(() => undefined, 60_000);
