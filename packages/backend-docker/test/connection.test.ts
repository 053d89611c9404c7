import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createServer } from "node:tls";
import { pathToFileURL } from "node:url";
import type { WorkerStatus } from "@skyburst/core";
import { type DockerEngine, dockerEngine, unavailable } from "@skyburst/engines";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { docker } from "../src/index.ts";
import type { DockerOptions } from "../src/index.ts";

const missing = await unavailable("docker");

describe.skipIf(missing)(`an engine is reached${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  let place: string;

  beforeAll(async () => {
    engine = await dockerEngine();
  });
  afterAll(() => engine?.stop());
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "skyburst-connection-"));
    vi.stubEnv("DOCKER_CONFIG", join(place, "config"));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(place, { recursive: true, force: true });
  });

  /** A worker that says what it was given in secret: its start, its events and its logs take all that a connection has to do. */
  async function worked(options: DockerOptions): Promise<string> {
    const backend = docker({ image: engine.image, node: "host", ...options });
    const source = `let said = ""; for await (const part of process.stdin) said += part;
      console.log("given", said.length, JSON.parse(said).KEY.slice(0, 3)); process.exitCode = 3;\n`;
    const file = join(place, "program.mjs");
    writeFileSync(file, source);
    const program = { sha256: createHash("sha256").update(source).digest("hex"), url: pathToFileURL(file).href };
    const token = randomBytes(8).toString("hex");
    const secrets = { KEY: "abc".repeat(50_000) };
    const request = {
      sessionId: token,
      launch: 0,
      token,
      slots: [0],
      spec: {},
      program,
      storeId: "0",
      args: [],
      secrets,
    };
    const { started, refused } = await backend.launch(request);
    expect(refused).toEqual([]);
    const id = started[0]?.id ?? "";
    let last: readonly WorkerStatus[] = [];
    for await (last of backend.watch?.(token) ?? []) if (last.some(({ state }) => state === "exited")) break;
    expect(last).toMatchObject([{ id, state: "exited", exit: { code: 3 } }]);
    const said = (await backend.logs?.(id)) ?? "";
    await backend.close?.();
    await engine.docker("rm", "--force", id);
    return said;
  }

  test("by a socket that DOCKER_HOST names", async () => {
    vi.stubEnv("DOCKER_HOST", engine.host);
    expect(await worked({})).toBe("given 150010 abc\n");
  });

  test("by a context", async () => {
    const id = createHash("sha256").update("mine").digest("hex");
    const folder = join(place, "config/contexts/meta", id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "meta.json"),
      JSON.stringify({ Name: "mine", Endpoints: { docker: { Host: engine.host } } }),
    );
    expect(await worked({ context: "mine" })).toBe("given 150010 abc\n");
  });

  test("by ssh (a program that runs what it is told here stands in for it)", async () => {
    const program = join(place, "ssh");
    const script = `#!/bin/sh\nwhile test "$1" != --; do shift; done\nshift 2\nDOCKER_HOST=${engine.host} exec "$@"\n`;
    writeFileSync(program, script);
    chmodSync(program, 0o755);
    vi.stubEnv("PATH", `${place}${delimiter}${process.env.PATH}`);
    expect(await worked({ host: "ssh://me@elsewhere" })).toBe("given 150010 abc\n");
  });

  test("by TLS, as who has a certificate (a server that passes on what it is told stands in for the engine's own)", async () => {
    const certificates = join(place, "certificates");
    mkdirSync(certificates);
    const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: certificates, stdio: "ignore" });
    const fresh = ["-newkey", "rsa:2048", "-nodes", "-days", "2"];
    openssl("req", "-x509", ...fresh, "-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=authority");
    writeFileSync(join(certificates, "names"), "subjectAltName=DNS:localhost");
    const by = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2", "-extfile", "names"];
    for (const [key, certificate] of [
      ["server-key.pem", "server.pem"],
      ["key.pem", "cert.pem"],
    ] as const) {
      openssl("req", ...fresh, "-keyout", key, "-out", "asked.pem", "-subj", "/CN=somebody");
      openssl("x509", "-req", "-in", "asked.pem", "-out", certificate, ...by);
    }
    const file = (name: string) => readFileSync(join(certificates, name));
    const asked = { requestCert: true, rejectUnauthorized: true, allowHalfOpen: true };
    const server = createServer({
      key: file("server-key.pem"),
      cert: file("server.pem"),
      ca: file("ca.pem"),
      ...asked,
    });
    server.on("secureConnection", (secure) => {
      const plainly = connect({ path: engine.socketPath, allowHalfOpen: true });
      secure.pipe(plainly).pipe(secure);
      for (const one of [secure, plainly]) one.on("error", () => [secure, plainly].forEach((other) => other.destroy()));
      secure.on("close", () => plainly.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const host = `tcp://localhost:${(server.address() as AddressInfo).port}`;
    try {
      vi.stubEnv("DOCKER_TLS_VERIFY", "1");
      vi.stubEnv("DOCKER_CERT_PATH", certificates);
      expect(await worked({ host })).toBe("given 150010 abc\n");
      vi.stubEnv("DOCKER_CERT_PATH", place);
      await expect(docker({ host }).list("s")).rejects.toMatchObject({
        code: "option",
        message: expect.stringMatching(/certificate/),
      });
    } finally {
      server.close();
    }
  });
});
