import { serializer as builtIn } from "@skyburst/core";
import type { Serializer, SkyburstErrorCode } from "@skyburst/core";
import { expect, test } from "vitest";
import { Amount, open as amounts } from "./serializers/amounts.ts";
import { many, total, twice, withFee } from "./serializers/tasks.ts";
import { collectAll, openSession } from "./session-under-test.ts";
import { readSessionObjects } from "./session-objects.ts";

test("values of a serializer of the user's own go there and back, small and large, given and shared", async () => {
  const { session, end, store } = await openSession({ serializer: amounts({ unit: "pence" }) });
  expect(await session.map(twice, [new Amount(2n), new Amount(3n)]).values()).toEqual([new Amount(4n), new Amount(6n)]);
  const [list = []] = await session.map(many, [20_000]).values();
  expect(list.at(-1)).toEqual(new Amount(19_999n));
  // The list goes to a blob both ways.
  expect(await session.submit(total, list).value()).toEqual(new Amount(199_990_000n));
  const fee = await session.share(new Amount(1n));
  expect(await session.submit(withFee, { of: new Amount(4n), fee }).value()).toEqual(new Amount(5n));
  expect(await session.submit((n: number) => n + 1, 4).value()).toBe(5);
  await end();
  const { ledger } = await readSessionObjects(store, session.id);
  const named = ledger.submissions.map(({ task }) => task);
  expect(named).toHaveLength(5);
  for (const task of named) expect(task).toMatchObject({ serializer: { options: { unit: "pence" } } });
});

test("a serializer that workers can't open again is refused before anything is written", async () => {
  const opening = async (serializer: Partial<Serializer>) =>
    openSession({ serializer: serializer as Serializer }).catch((error: unknown) => error);
  expect(await opening({ encode: builtIn.encode, decode: builtIn.decode })).toMatchObject({
    code: "option" satisfies SkyburstErrorCode,
    message: expect.stringMatching(/^serializer has no `reference`.*export open\(options\) from that module\.$/),
  });
  expect(await opening({ reference: { module: "x", options: {} } })).toMatchObject({
    code: "option" satisfies SkyburstErrorCode,
    message: "serializer has no functions `encode` and `decode`: give a Serializer.",
  });
});

test("a value that it refuses, in its own words, is told with the number of the input", async () => {
  const { session } = await openSession({ serializer: amounts({ unit: "pence" }) });
  const inputs = [1, 2n, 3].map((n) => n as number);
  await expect(session.map((n: number) => n, inputs).values()).rejects.toMatchObject({
    code: "input" satisfies SkyburstErrorCode,
    message: expect.stringMatching(/^Input 1 can't be sent to a worker\. .*BigInt/),
  });
});

test("a module that is not there, or whose open is no function, is told in one line", async () => {
  const failing = async (module: string) => {
    const { session } = await openSession({
      workers: 1,
      serializer: { ...builtIn, reference: { module, options: {} } },
    });
    return collectAll(session.map((n: number) => n, [1])).catch((error: unknown) => error);
  };
  expect(await failing("nowhere-to-be-found")).toMatchObject({
    code: "task" satisfies SkyburstErrorCode,
    message: expect.stringMatching(/^The package "nowhere-to-be-found" can't be found from .*import\.meta\.url\.$/),
  });
  const shut = new URL("serializers/shut.ts", import.meta.url).href;
  expect(await failing(shut)).toMatchObject([
    {
      status: "failed",
      error: { message: `The serializer ${shut} has an \`open\` that is a string, not a function.` },
    },
  ]);
});
