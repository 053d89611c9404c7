import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { large } from "../tasks.ts";

// 200 MB of results pass through a client that has a heap of 100 MB.
const [store = "", size = "0", count = "0"] = process.argv.slice(2);
const session = await open({ backend: local(), store: directory(store), workers: 2, spec: { slots: 1 }, linger: 0 });
let bytes = 0;
try {
  for await (const outcome of session.map(
    large,
    Array.from({ length: Number(count) }, () => Number(size)),
  ))
    if (outcome.status === "succeeded") bytes += outcome.value.length;
  process.stdout.write(JSON.stringify({ session: session.id, bytes, memory: process.resourceUsage().maxRSS * 1024 }));
} finally {
  await session.close();
}
