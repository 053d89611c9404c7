import assert from "node:assert/strict";
import type { WorkerSpec } from "@skyburst/core";
import type { BackendTest } from "./stage.ts";

export function specTests(test: BackendTest): void {
  test("gives workers its environment", async (stage) => {
    const backend = await stage.backend();
    if (!backend.capabilities.spec.includes("env")) return;
    const spec = { env: { SKYBURST_TEST: "ä = 'b' $c" } };
    const { started } = await stage.launch(backend, { slots: [0], do: "print", text: "x", spec });
    const output = await stage.printed(backend, started[0]?.id ?? "", "ready");
    if (backend.logs !== undefined) assert.ok(output.includes("variable ä = 'b' $c\n"), output);
  });

  for (const field of FIELDS) {
    test(`is taken or refused by name, as stated: ${field}`, async (stage) => {
      const backend = await stage.backend();
      const spec = { [field]: stage.facts.examples[field] ?? stage.facts.spec[field] ?? EXAMPLES[field] };
      const { started, refused } = await stage.launch(backend, { slots: [0, 3], do: "wait", spec });
      if (backend.capabilities.spec.includes(field) && !stage.facts.lacks.includes(field)) {
        assert.equal(started.length, 2, `started with ${JSON.stringify(spec)}; refused: ${JSON.stringify(refused)}`);
        return;
      }
      assert.deepEqual(started, [], `nothing of ${field} is to be had`);
      assert.deepEqual(
        refused.map(({ slot, kind }) => ({ slot, kind })),
        [0, 3].map((slot) => ({ slot, kind: "option" })),
      );
      for (const { message } of refused) assert.ok(message.includes(field), message);
      assert.deepEqual(await stage.running(backend), []);
    });
  }
}

const EXAMPLES: Readonly<Required<WorkerSpec>> = {
  slots: 1,
  cpu: 1,
  memory: 512 * 1024 * 1024,
  gpus: 1,
  image: "node:24-slim",
  platform: "linux/arm64",
  env: { A: "b" },
  mounts: [{ source: "/a", target: "/b" }],
  spot: true,
};

const FIELDS = Object.keys(EXAMPLES) as (keyof WorkerSpec)[];
