import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { task } from "@skyburst/core";
import { runProgram } from "./run-program.ts";
import { collectAll, openSession, temporaryDirectory } from "./session-under-test.ts";
import { hiddenTask, square } from "./tasks.ts";

async function failureOf(
  run: (map: Awaited<ReturnType<typeof openSession>>["session"]["map"]) => Parameters<typeof collectAll>[0],
): Promise<unknown> {
  const { session, end } = await openSession();
  const failure = await collectAll(run(session.map)).catch((error: unknown) => error);
  expect((await end()).size).toBe(0);
  return failure;
}

test("open in the module of the task says what to do, instead of opening sessions in workers", async () => {
  const said = await runProgram("one-file", [temporaryDirectory()]);
  expect(said).toMatch(/calls open\(\) as soon as it is loaded.*task\.ts.*main\.ts/);
  expect(said.split("\n")).toHaveLength(2);
});

test("a closure that stands by itself runs", async () => {
  const { session, end } = await openSession();
  expect(await session.map((n: number) => [n].map((m) => m + 1)[0], [1, 2]).values()).toEqual([2, 3]);
  expect(
    await session
      .map(
        async function twice(n: number) {
          return n * 2;
        },
        [4],
      )
      .values(),
  ).toEqual([8]);
  await end();
});

test("a closure with free variables is refused, naming them", async () => {
  const factor = Math.random();
  const offset = Math.random();
  const failure = await failureOf((map) => map((n: number) => n * factor + offset, [1]));
  expect(failure).toMatchObject({ name: "SkyburstError", code: "task" });
  expect(String(failure)).toMatch(/factor.*offset/);
});

test("a task that is not exported is refused, naming it and its file", async () => {
  const failure = await failureOf((map) => map(hiddenTask(), [1]));
  expect(failure).toMatchObject({ name: "SkyburstError", code: "task" });
  expect(String(failure)).toMatch(/not exported by .*tasks\.ts.*export const/s);
});

test("a task of a module that is not there is refused, naming the module", async () => {
  const url = pathToFileURL(join(temporaryDirectory(), "gone.ts")).href;
  const failure = await failureOf((map) =>
    map(
      task(url, (n: number) => n),
      [1],
    ),
  );
  expect(String(failure)).toContain("gone.ts");
});

test("what is not a function is refused", async () => {
  expect(() => task(import.meta.url, 7 as never)).toThrow(/not a function/);
  for (const wrong of ["square", null, undefined, {}, 7]) {
    const failure = await failureOf((map) => map(wrong as never, [1]));
    expect(failure).toMatchObject({ name: "SkyburstError", code: "task" });
    expect(String(failure)).toMatch(/is (an object|"square"|null|undefined|7), not a function/);
  }
});

test.each([
  { retries: -1 },
  { timeout: 0 },
  { concurrency: Number.NaN },
  { concurrency: 1.5 },
  { retries: 0.5 },
  { retries: 99 },
  { backoff: -1 },
  { grace: Number.POSITIVE_INFINITY },
])("the option %o is refused by name, before anything is submitted", async (options) => {
  const failure = await failureOf((map) => map(square, [1], options));
  expect(failure).toMatchObject({ code: "option" });
  expect(String(failure)).toContain(Object.keys(options)[0]);
});

test("options of a session that cannot be are refused", async () => {
  await expect(openSession({ workers: 0 })).rejects.toMatchObject({ code: "option" });
  await expect(openSession({ ttl: 10 })).rejects.toMatchObject({ code: "option" });
});

test("a map is consumed once", async () => {
  const { session, end } = await openSession();
  const map = session.map(square, [1]);
  await map.values();
  await expect(map.values()).rejects.toMatchObject({ code: "option" });
  await end();
});
