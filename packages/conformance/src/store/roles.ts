import assert from "node:assert/strict";
import type { Rate, StoreRequests } from "@skyburst/core";
import { must, refused } from "../expect.ts";
import { type KnownFacts, STORE_ROLES } from "./facts.ts";
import type { StoreTest } from "./stage.ts";

export function roleTests(test: StoreTest, { roles }: KnownFacts): void {
  for (const role of STORE_ROLES) {
    const stated = roles.includes(role);
    test(`${role} is ${stated ? "there" : "not there"}, as is stated`, async ({ store }) => {
      const there = store.raw[role] !== undefined;
      assert.equal(there, stated, `facts.roles ${stated ? "names" : "does not name"} ${role}`);
    });
  }

  if (roles.includes("signedUrl")) {
    test("signedUrl gives one object to whoever has it", async ({ store }) => {
      await store.create("a/1", "one");
      const sign = must(store.raw.signedUrl).bind(store.raw);
      const answer = await fetch(await sign(`${store.root}a/1`, { expires: 60_000 }));
      assert.equal(await answer.text(), "one");
      // Whether the object is there is not looked at.
      assert.equal((await fetch(await sign(`${store.root}a/2`, { expires: 60_000 }))).ok, false);
      await refused(() => sign(`${store.root}a//1`, { expires: 60_000 }), "invalid-key");
    });
  }

  if (roles.includes("requests")) {
    test("requests counts what was sent, each under its kind", async ({ store }) => {
      const calls: Readonly<Record<keyof StoreRequests, () => Promise<unknown>>> = {
        create: () => store.create("a/1", "one"),
        get: () => store.get("a/1"),
        list: () => store.keys("a/"),
        put: () => store.put("a/2", "two"),
        delete: () => store.delete(["a/2"]),
      };
      for (const [kind, call] of Object.entries(calls) as [keyof StoreRequests, () => Promise<unknown>][]) {
        const before = must(store.raw.requests)[kind];
        assert.ok(Number.isInteger(before) && before >= 0, `${kind}: ${before}`);
        await call();
        assert.ok(must(store.raw.requests)[kind] > before, `${kind}: still ${before} after one`);
      }
    });
  }

  if (roles.includes("rates")) {
    test("rates are prices of a unit, none below zero, and say whose they are", async ({ store }) => {
      const rates = await must(store.raw.rates).call(store.raw);
      if (rates === undefined) return;
      for (const rate of Object.values(rates.requests)) sound(rate, "request");
      if (rates.storage) sound(rates.storage, "GB-month");
      for (const rate of Object.values(rates.transfer ?? {})) sound(rate, "GB");
    });
  }

  if (roles.includes("credentials")) {
    test("credentials are environment variables, and no part of the reference", async ({ store }) => {
      const credentials = await must(store.raw.credentials).call(store.raw);
      const reference = JSON.stringify(store.raw.reference);
      for (const [name, value] of Object.entries(credentials)) {
        assert.match(name, /^[A-Za-z_][A-Za-z0-9_]*$/, "the name of a variable");
        assert.ok(typeof value === "string" && value !== "", `${name} has a value`);
        // A short one may stand there by chance.
        assert.ok(value.length < 16 || !reference.includes(value), `${name} is a secret, and stands in the reference`);
      }
    });
  }
}

function sound(rate: Rate, unit: Rate["unit"]): void {
  const shown = JSON.stringify(rate);
  assert.equal(rate.unit, unit, shown);
  assert.ok(rate.amount >= 0 && Number.isFinite(rate.amount), shown);
  assert.ok(rate.currency !== "" && rate.source !== "", shown);
  if (rate.range) assert.ok(rate.range[0] <= rate.amount && rate.amount <= rate.range[1], shown);
}
