import { local } from "@skyburst/backend-local";
import { open, supervise } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";

// One of those who come and go: a client that opens a session, or joins one, and submits to it; or who only keeps its workers. In plain
// JavaScript: it is started a hundred times.
const [role, path, called] = process.argv.slice(2);
const parts = { backend: local(), store: directory(path), workers: 3 };
if (role === "supervisor") {
  await supervise({ ...parts, session: called });
  process.exit(0);
}
const begun = called === undefined ? { ttl: 1000, linger: 300 } : { session: called };
const session = await open({ ...parts, ...begun, spec: { slots: 1 } });
process.stdout.write(`${session.id}\n`);
const pause = async (ms) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
};
await session.submitAll(
  pause,
  Array.from({ length: called === undefined ? 300 : 30 }, () => 25),
);
setInterval(() => undefined, 60_000);
