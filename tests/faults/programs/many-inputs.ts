import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { square } from "../tasks.ts";

// A generator of many inputs; the client's memory at its highest, after a part of them and after all.
const [store = "", count = "0"] = process.argv.slice(2);
function* inputs() {
  for (let n = 0; n < Number(count); n++) yield n;
}
const session = await open({ backend: local(), store: directory(store), workers: 2, spec: { slots: 1 }, linger: 0 });
let [seen, sum] = [0, 0];
const peaks: number[] = [];
try {
  for await (const outcome of session.map(square, inputs())) {
    if (outcome.status === "succeeded") sum = (sum + outcome.value) % 1_000_003;
    if (++seen % (Number(count) / 4) === 0) peaks.push(process.resourceUsage().maxRSS * 1024);
  }
  process.stdout.write(JSON.stringify({ session: session.id, seen, sum, peaks }));
} finally {
  await session.close();
}
