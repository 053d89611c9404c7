import { expect, test } from "vitest";
import { repeated } from "../src/repeat.ts";

/** Time that passes only by sleeping. */
function virtual(random: () => number = () => 1) {
  const slept: number[] = [];
  let now = 0;
  const pauses = {
    monotonic: () => now,
    random,
    sleep: async (ms: number) => {
      slept.push(ms);
      now += ms;
    },
  };
  return { slept, pauses, pass: (ms: number) => (now += ms) };
}

const answer = (status: number, name: string) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } });
const busy = answer(503, "SlowDown");

test("waits longer from try to try, at random, and gives up after the sixth", async () => {
  const { slept, pauses } = virtual();
  let tries = 0;
  const work = repeated(async () => Promise.reject([tries++, busy][1] as Error), undefined, pauses);
  await expect(work).rejects.toBe(busy);
  expect(tries).toBe(6);
  expect(slept).toEqual([100, 200, 400, 800, 1600]);
});

test("a crowd does not come back in step", async () => {
  const { slept, pauses } = virtual(() => Math.random());
  await Promise.all(
    Array.from({ length: 32 }, () => {
      let refused = false;
      const once = async () => {
        if (refused) return;
        refused = true;
        throw busy;
      };
      return repeated(once, undefined, pauses);
    }),
  );
  expect(new Set(slept).size).toBe(32);
});

test.each([
  ["a refusal", answer(403, "AccessDenied")],
  ["a key that is taken", answer(412, "PreconditionFailed")],
  ["a conflict that is none of ours", answer(409, "BucketNotEmpty")],
  ["an error of our own", new TypeError("no")],
])("%s is thrown at once", async (_, error) => {
  const { slept, pauses } = virtual();
  await expect(repeated(() => Promise.reject(error), undefined, pauses)).rejects.toBe(error);
  expect(slept).toEqual([]);
});

test("after a clock that was off there is no pause, for it is set", async () => {
  const { slept, pauses } = virtual();
  const error = Object.assign(answer(403, "RequestTimeTooSkewed"), {
    $metadata: { httpStatusCode: 403, clockSkewCorrected: true },
  });
  let tries = 0;
  expect(await repeated(async () => (tries++ === 0 ? Promise.reject(error) : "done"), undefined, pauses)).toBe("done");
  expect(slept).toEqual([]);
});

test("silence is not waited for longer than 20 s, so that the caller hears of it", async () => {
  const { pauses, pass } = virtual(() => 0);
  let tries = 0;
  const silent = async () => {
    tries++;
    pass(10_001);
    throw Object.assign(new Error("silent"), { name: "TimeoutError" });
  };
  await expect(repeated(silent, undefined, pauses)).rejects.toThrow("silent");
  expect(tries).toBe(2);
});

test("nothing is tried again for who has given up", async () => {
  const { pauses } = virtual();
  let tries = 0;
  const work = repeated(async () => Promise.reject([tries++, busy][1] as Error), AbortSignal.abort(), pauses);
  await expect(work).rejects.toBe(busy);
  expect(tries).toBe(1);
});
