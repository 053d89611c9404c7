import assert from "node:assert/strict";
import { must } from "../expect.ts";
import { type KnownBackendFacts, ROLES } from "./facts.ts";
import type { BackendTest } from "./stage.ts";

export function roleTests(test: BackendTest, facts: KnownBackendFacts): void {
  for (const role of ROLES) {
    const stated = facts.roles.includes(role);
    test(`${role} is ${stated ? "there" : "not there"}, as is stated`, async (stage) => {
      const type = typeof (await stage.backend())[role];
      assert.equal(
        type,
        stated ? "function" : "undefined",
        `facts.roles ${stated ? "names" : "does not name"} ${role}`,
      );
    });
  }

  test("are told of as capabilities that can be", async (stage) => {
    const { name, capabilities } = await stage.backend();
    assert.match(name, /^[a-z0-9]+$/, "a name as it appears in messages");
    const { maxWorkers, slots, spec, token, sharesFileSystem, spot } = capabilities;
    assert.ok(maxWorkers >= 1, `maxWorkers: ${maxWorkers}`);
    assert.ok(Number.isInteger(slots) && slots >= 1, `slots: ${slots}`);
    assert.ok(Array.isArray(spec) && new Set(spec).size === spec.length, `spec: ${String(spec)}`);
    for (const flag of [token, sharesFileSystem, spot]) assert.equal(typeof flag, "boolean");
  });

  if (facts.roles.includes("largest")) {
    test("tell of a largest worker, and have no room for one that is larger", async (stage) => {
      const backend = await stage.backend();
      const { cpu, memory } = await must(backend.largest).call(backend);
      for (const size of [cpu, memory]) assert.ok(size === undefined || (size > 0 && Number.isFinite(size)), `${size}`);
      if (!backend.capacity || memory === undefined) return;
      assert.equal(await backend.capacity({ ...stage.facts.spec, memory: 2 * memory }), 0);
    });
  }

  if (facts.roles.includes("rate")) {
    test("tell a price that is none below zero", async (stage) => {
      const backend = await stage.backend();
      const rate = await must(backend.rate).call(backend, stage.facts.spec);
      // Undefined is an honest answer; zero says that it is free.
      if (rate === undefined) return;
      assert.ok(rate.amount >= 0 && Number.isFinite(rate.amount), `${rate.amount} ${rate.currency}`);
      assert.equal(rate.unit, "hour");
      assert.ok(rate.currency !== "" && rate.source !== "", "whose price it is");
    });
  }
}
