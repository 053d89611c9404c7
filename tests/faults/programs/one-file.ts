import { local } from "@skyburst/backend-local";
import { open, task } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";

// What people write first: task and open in one module, which workers load to find the task.
export const double = task(import.meta.url, (n: number) => n * 2);

const session = await open({
  backend: local(),
  store: directory(process.argv[2] ?? ""),
  workers: 1,
  spec: { slots: 1 },
  linger: 0,
});
try {
  for await (const outcome of session.map(double, [1])) process.stdout.write(`${outcome.status}\n`);
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
} finally {
  await session.close();
}
