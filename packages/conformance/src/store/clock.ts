import assert from "node:assert/strict";
import { eventually, must } from "../expect.ts";
import type { StoreTest } from "./stage.ts";

/** Far more than any answer takes, and far less than the other clock is wrong by. Milliseconds. */
const MINUTE = 60_000;

export function clockTests(test: StoreTest): void {
  test("tells milliseconds since 1970", async ({ store }) => {
    const answers = [await store.raw.now(), must((await store.pages("a/"))[0]).now];
    for (const now of answers) {
      assert.ok(now > Date.UTC(2020) && now < Date.UTC(2200), `${now} is no time of ours in milliseconds`);
    }
  });

  test("is the same for all objects and for pages", async ({ store, other, facts }) => {
    await store.raw.now();
    const page = must((await other.pages("a/"))[0]).now;
    const between = [await store.raw.now(), await other.raw.now()];
    for (const now of between)
      assert.ok(Math.abs(now - page) < MINUTE / 2 + facts.modifiedResolution, `${now}, ${page}`);
  });

  test("does not go back", async ({ store, facts }) => {
    let last = 0;
    for (let look = 0; look < 20; look += 1) {
      const now = look % 2 ? await store.raw.now() : must((await store.pages("a/"))[0]).now;
      assert.ok(now >= last - facts.modifiedResolution, `${now} is before ${last}`);
      last = now;
    }
  });

  test("goes on by itself", async ({ store, facts }) => {
    const first = await store.raw.now();
    await eventually(
      async () => ((await store.raw.now()) > first ? true : undefined),
      facts.modifiedResolution + 5000,
      "now() tells a later time",
    );
  });

  test("is not the one of this machine", async ({ store, another }) => {
    const before = await store.raw.now();
    const { now } = Date;
    // Wrong by less than makes the signatures of a request invalid.
    Date.now = () => now() + 5 * MINUTE;
    try {
      const late = await another();
      await late.put("a/1", "x");
      const page = must((await late.pages("a/"))[0]);
      const told = [await late.raw.now(), await store.raw.now(), page.now, must(page.entries[0]).modified];
      for (const time of told) assert.ok(Math.abs(time - before) < MINUTE, "Date.now() has a say in the store's time");
    } finally {
      Date.now = now;
    }
  });
}
