import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { gated } from "../tasks.ts";

// A client of its own process, for tests that kill it. Tells its session's id when the map is under way.
const [store = "", scratch = "", count = "1"] = process.argv.slice(2);
const session = await open({ backend: local(), store: directory(store), workers: 2, spec: { slots: 1 }, linger: 200 });
const inputs = Array.from({ length: Number(count) }, () => ({ scratch, n: 0 }));
process.stdout.write(`${session.id}\n`);
for await (const outcome of session.map(gated, inputs)) process.stdout.write(`${outcome.index}\n`);
await session.close();
