import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { givenUp, refused, thrownBy } from "../expect.ts";
import type { KnownBackendFacts } from "./facts.ts";
import type { BackendTest } from "./stage.ts";

export function launchTests(test: BackendTest, facts: KnownBackendFacts): void {
  test("starts one worker for each slot", async (stage) => {
    const backend = await stage.backend();
    const { started, refused } = await stage.launch(backend, { slots: [0, 2, 5], do: "wait" });
    assert.deepEqual(refused, []);
    assert.deepEqual(
      started.map(({ slot }) => slot),
      [0, 2, 5],
    );
    assert.equal(new Set(started.map(({ id }) => id)).size, 3, "ids");
    await stage.runs(
      backend,
      started.map(({ id }) => id),
    );
  });

  test("tells each worker its slot and its arguments", async (stage) => {
    const backend = await stage.backend();
    const text = `a b='c' "d" $e \\f ä`;
    const { started } = await stage.launch(backend, { slots: [0, 3], do: "print", text });
    assert.equal(started.length, 2);
    for (const { slot, id } of started) {
      const output = await stage.printed(backend, id, "ready");
      if (backend.logs === undefined) continue;
      assert.match(output, new RegExp(`^slot ${slot}$`, "m"));
      assert.ok(output.includes(`text ${text}\n`), output);
    }
  });

  test("under the same token starts nothing twice, where that is stated", async (stage) => {
    const backend = await stage.backend();
    const first = await stage.launch(backend, { slots: [0, 1], do: "wait" });
    const second = await stage.launch(await stage.backend(), { slots: [0, 1], do: "wait" });
    const ids = new Set([...first.started, ...second.started].map(({ id }) => id));
    assert.equal(ids.size, backend.capabilities.token ? 2 : 4, "workers after the second launch");
    await stage.runs(backend, [...ids]);
  });

  test("runs workers on this file system, where that is stated", async (stage) => {
    const backend = await stage.backend();
    if (!backend.capabilities.sharesFileSystem) return;
    const directory = await mkdtemp(join(tmpdir(), "skyburst-conformance-"));
    try {
      await writeFile(join(directory, "file"), "from the client");
      const { started } = await stage.launch(backend, { slots: [0], do: "read", text: join(directory, "file") });
      const output = await stage.printed(backend, started[0]?.id ?? "", "ready");
      if (backend.logs !== undefined) assert.ok(output.includes("read from the client\n"), output);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test("hands over what is secret, where that is stated", async (stage) => {
    const backend = await stage.backend();
    if (!backend.capabilities.secrets) return;
    const secret = `ä = 'b' $c "d" \\e\n${"f".repeat(40_000)}`;
    const secrets = { SKYBURST_SECRET_TEST: secret };
    const { started } = await stage.launch(backend, { slots: [0, 3], do: "tell-secret", secrets });
    assert.equal(started.length, 2);
    for (const { id } of started) {
      const output = await stage.printed(backend, id, "ready");
      if (backend.logs === undefined) continue;
      assert.ok(output.includes(`hash ${createHash("sha256").update(secret).digest("hex")}\n`), output);
      assert.ok(!output.includes("it is an argument"), "the secret is an argument of the worker");
    }
  });

  test("starts nothing for no slots", async (stage) => {
    const backend = await stage.backend();
    assert.deepEqual(await stage.launch(backend, { slots: [], do: "wait" }), { started: [], refused: [] });
    assert.deepEqual(await stage.list(backend), []);
  });

  test("never says done of a program that is not there", async (stage) => {
    const backend = await stage.backend();
    const { sha256, url } = await stage.program();
    const missing = new URL(url);
    missing.pathname += ".missing";
    const scene = { slots: [0], do: "exit", code: 0, program: { sha256, url: missing.href } } as const;
    let ids: readonly string[] = [];
    const error = await thrownBy(async () => {
      const { started, refused } = await stage.launch(backend, scene);
      ids = started.map(({ id }) => id);
      assert.equal(started.length + refused.length, 1);
    });
    assert.ok(!(error instanceof assert.AssertionError), error instanceof Error ? error.message : "");
    for (const id of ids) assert.notEqual((await stage.exited(backend, id)).exit?.reason, "done");
  });

  test(`${facts.verifiesProgram ? "refuses" : "leaves to the program"} bytes that are not those of the hash`, async (stage) => {
    const backend = await stage.backend();
    const sha256 = createHash("sha256").update("another").digest("hex");
    const program = { ...(await stage.program()), sha256 };
    const { started, refused } = await stage.launch(backend, { slots: [0, 1], do: "wait", program });
    assert.equal(started.length, facts.verifiesProgram ? 0 : 2, "started");
    assert.deepEqual(
      refused.map(({ slot, kind }) => ({ slot, kind })),
      facts.verifiesProgram ? [0, 1].map((slot) => ({ slot, kind: "option" })) : [],
    );
    for (const { message } of refused) assert.ok(message.includes(sha256), message);
  });

  test("does nothing under a signal that is aborted", async (stage) => {
    const backend = await stage.backend();
    const signal = AbortSignal.abort(new Error("not now"));
    const calls = [
      () => stage.launch(backend, { slots: [0], do: "wait" }, signal),
      () => backend.list(stage.sessionId, { signal }),
      () => backend.stop([], { signal }),
    ];
    for (const call of calls) givenUp(await thrownBy(call), signal);
    assert.deepEqual(await stage.list(backend), []);
  });

  if (facts.roles.includes("close")) {
    test("of a closed backend is an error", async (stage) => {
      const backend = await stage.backend();
      await backend.close?.();
      await refused(() => stage.launch(backend, { slots: [0], do: "wait" }), "closed");
    });
  }
}
