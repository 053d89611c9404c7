import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type DockerEngine, dockerEngine, unavailable } from "@skyburst/engines";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../src/index.ts";

const missing = await unavailable("docker");

describe.skipIf(missing)(`who watches workers${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  let place: string;
  let way: Server;
  const open = new Set<Socket>();
  let isCut = false;

  beforeAll(async () => {
    engine = await dockerEngine();
    place = mkdtempSync(join(tmpdir(), "skyburst-watch-"));
    way = createServer({ allowHalfOpen: true }, (here) => {
      const there = connect({ path: engine.socketPath, allowHalfOpen: true });
      here.pipe(there).pipe(here);
      for (const one of [here, there])
        open.add(one.on("error", () => [here, there].forEach((other) => other.destroy())));
      if (isCut) here.destroy();
    });
    await new Promise<void>((resolve) => way.listen(join(place, "way.sock"), resolve));
  });
  afterAll(async () => {
    for (const one of open) one.destroy();
    way?.close();
    await engine?.stop();
    rmSync(place, { recursive: true, force: true });
  });

  test("is told how a worker ended while the engine could not be reached", async () => {
    const backend = docker({ socketPath: join(place, "way.sock"), image: engine.image, node: "host" });
    const source = "setInterval(() => {}, 1e6);\n";
    const file = join(place, "program.mjs");
    writeFileSync(file, source);
    const program = { sha256: createHash("sha256").update(source).digest("hex"), url: pathToFileURL(file).href };
    const request = { sessionId: "s", launch: 0, token: "t", slots: [0], spec: {}, program, storeId: "0", args: [] };
    const id = (await backend.launch(request)).started[0]?.id ?? "";
    const told: string[] = [];
    for await (const [worker] of backend.watch?.("s") ?? []) {
      told.push(`${worker?.state} ${worker?.exit?.code}`);
      if (worker?.state === "exited") break;
      isCut = true;
      for (const one of open) one.destroy();
      await engine.docker("kill", "--signal", "KILL", id);
      isCut = false;
    }
    expect(told).toEqual(["running undefined", "exited 137"]);
    // Nothing was removed before its end was taken.
    expect(await engine.docker("inspect", "--format", "{{.State.Status}}", id)).toBe("exited\n");
    await backend.close?.();
    await engine.docker("rm", id);
  });
});
