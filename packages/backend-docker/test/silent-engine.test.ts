import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findEngine } from "../src/address.ts";
import { Engine } from "../src/engine.ts";
import { docker } from "../src/index.ts";

/** A socket behind which nobody answers stands in for an engine that hangs: a real one can't be made to for sure. */
describe("an engine that takes requests and answers none", () => {
  let place: string;
  let server: Server;
  let socketPath: string;
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), "skyburst-silent-"));
    socketPath = join(place, "docker.sock");
    server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  });
  afterAll(() => {
    server.close();
    rmSync(place, { recursive: true, force: true });
  });

  test("is not waited for for ever, and that is said", async () => {
    const engine = new Engine(findEngine({ socketPath }), 50);
    await expect(engine.ask((client) => client.info())).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      message: expect.stringMatching(
        /docker\.sock .*took the request, and has not answered for 1 s\. Look whether it hangs/,
      ),
    });
  });

  test.each(["list", "stop", "capacity", "sessions", "logs"] as const)(
    "lets go of who gives up on %s",
    async (role) => {
      const backend = docker({ socketPath, image: "a" });
      const given = new AbortController();
      const { signal } = given;
      const id = "skyburst-token-0";
      const asked = {
        list: () => backend.list("s", { signal }),
        stop: () => backend.stop([id], { signal, grace: 600_000 }),
        capacity: () => backend.capacity?.({}, { signal }),
        sessions: () => backend.sessions?.({ signal }),
        logs: () => backend.logs?.(id, { signal }),
      }[role]();
      // It is asked by now, or is about to be: both end.
      setImmediate(() => given.abort(new Error("enough")));
      await expect(asked).rejects.toThrow("enough");
    },
  );
});
