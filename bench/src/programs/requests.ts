import { s3 } from "@skyburst/state-s3";
import type { S3Options } from "@skyburst/state-s3";

/** So many creates of 10 KB, 16 at a time, and as many reads: prints the processor time of each in milliseconds, as JSON. */
const [place = "{}", count = "0"] = process.argv.slice(2);
const store = s3(JSON.parse(place) as S3Options);
const body = Buffer.alloc(10_000, "x");
// Compiled, connected, and the service tested.
await each(200, "warm", create);
const created = await each(Number(count), "measured", create);
const read = await each(Number(count), "measured", async (key) => {
  const found = await store.get(key);
  if (found?.length !== body.length) throw new Error(`${key} is not as it was written.`);
});
await store.close?.();
process.stdout.write(JSON.stringify({ created, read }));

async function create(key: string): Promise<void> {
  if (!(await store.create(key, body))) throw new Error(`${key} was there.`);
}

/** @returns milliseconds of processor time for each. */
async function each(times: number, name: string, act: (key: string) => Promise<void>): Promise<number> {
  let next = 0;
  const begin = process.cpuUsage();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (next < times) await act(`requests/${name}/${next++}`);
    }),
  );
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000 / times;
}
