import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { open } from "@skyburst/core";
import type { Backend, StateStore } from "@skyburst/core";
import { openOptionsOf, submitOptionsOf } from "../fleet/rent.ts";
import type { Rent } from "../fleet/rent.ts";
import { taskNamed } from "../outlive/hands.ts";

// A client of its own process, on the stack and with the job that its working directory has: submits, tells the session's id,
// and keeps up the workers until it is killed.
const rent = JSON.parse(readFileSync("rent.json", "utf8")) as Rent;
const configuration = (await import(pathToFileURL(join(process.cwd(), "skyburst.config.mts")).href)) as {
  readonly default: { readonly store: StateStore; readonly backend: Backend };
};
const { store, backend } = configuration.default;
const session = await open({ store, backend, ...openOptionsOf(rent) });
await session.submitAll(taskNamed(rent.task), rent.inputs, submitOptionsOf(rent));
process.stdout.write(`${session.id}\n`);
setInterval(() => undefined, 60_000);
