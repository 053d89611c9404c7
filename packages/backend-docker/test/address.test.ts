import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findEngine } from "../src/address.ts";
import { Engine } from "../src/engine.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "skyburst-home-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(home, path, ".."), { recursive: true });
  writeFileSync(join(home, path), text);
}

function context(name: string, host: string): string {
  const id = createHash("sha256").update(name).digest("hex");
  write(`.docker/contexts/meta/${id}/meta.json`, JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }));
  return id;
}

test.each([
  ["unix:///run/some.sock", { kind: "socket", path: "/run/some.sock" }],
  ["tcp://build:2375", { kind: "tcp", host: "build", port: 2375 }],
  ["tcp://build", { kind: "tcp", host: "build", port: 2375 }],
  ["tcp://[::1]:2375", { kind: "tcp", host: "::1", port: 2375 }],
  ["ssh://me@build", { kind: "ssh", target: "me@build" }],
  ["ssh://build:2222", { kind: "ssh", target: "build", port: "2222" }],
])("DOCKER_HOST=%s", (host, address) => {
  const found = findEngine({}, { HOME: home, DOCKER_HOST: host });
  expect(found).toMatchObject({ ...address, text: host, source: "DOCKER_HOST" });
  expect(findEngine({ host }, { HOME: home, DOCKER_HOST: "tcp://another" })).toMatchObject(address);
});

test("by TLS with the certificates of the docker command, or of DOCKER_CERT_PATH", () => {
  write(".docker/ca.pem", "authority");
  const env = { HOME: home, DOCKER_HOST: "tcp://build", DOCKER_TLS_VERIFY: "1" };
  expect(findEngine({}, env)).toMatchObject({ port: 2376, tls: { ca: "authority" } });
  write("certs/ca.pem", "another");
  write("certs/key.pem", "key");
  const named = findEngine({}, { ...env, DOCKER_CERT_PATH: join(home, "certs") });
  expect(named).toMatchObject({ tls: { ca: "another", key: "key" } });
});

test("the context that is named, that of DOCKER_CONTEXT, or the current one", () => {
  const id = context("cluster", "tcp://cluster:2376");
  write(`.docker/contexts/tls/${id}/docker/ca.pem`, "authority");
  context("other", "ssh://other");
  write(".docker/config.json", JSON.stringify({ currentContext: "other" }));
  const env = { HOME: home };
  expect(findEngine({ context: "cluster" }, env)).toMatchObject({ host: "cluster", tls: { ca: "authority" } });
  expect(findEngine({}, { ...env, DOCKER_CONTEXT: "cluster" })).toMatchObject({ host: "cluster" });
  expect(findEngine({}, env)).toMatchObject({ kind: "ssh", target: "other", source: "the current context other" });
  expect(findEngine({}, { ...env, DOCKER_CONTEXT: "default" })).toMatchObject({ kind: "socket" });
  // What says more wins.
  expect(findEngine({}, { ...env, DOCKER_HOST: "tcp://build" })).toMatchObject({ host: "build" });
});

test("the sockets of Docker Desktop and of Podman, where the system has none", () => {
  const system = join(home, "docker.sock");
  const env = { HOME: home, XDG_RUNTIME_DIR: join(home, "run") };
  const podman = join(home, "run/podman/podman.sock");
  const desktop = join(home, ".docker/run/docker.sock");
  const none = findEngine({}, env, system);
  expect(none).toMatchObject({ path: system, source: "the default" });
  expect(none.looked?.slice(0, 3)).toEqual([desktop, join(home, "run/docker.sock"), podman]);
  write("run/podman/podman.sock", "");
  expect(findEngine({}, env, system)).toMatchObject({ path: podman, source: "found there, as that of Podman" });
  write(".docker/run/docker.sock", "");
  expect(findEngine({}, env, system)).toMatchObject({ path: desktop });
  write("docker.sock", "");
  expect(findEngine({}, env, system)).toMatchObject({ kind: "socket", path: system, source: "found there" });
});

test("where nobody answers, the error names all the places that were looked at", async () => {
  const engine = new Engine(findEngine({}, { HOME: home, XDG_RUNTIME_DIR: home }, join(home, "docker.sock")));
  const asked = engine.ask((client) => client.ping());
  await expect(asked).rejects.toMatchObject({
    code: "option",
    message: expect.stringMatching(
      /docker\.sock \(the default\): .*, and no socket is at \S+\/\.docker\/run\/docker\.sock, .*\/podman\.sock, .*Start one/,
    ),
  });
});

test("an engine is here by a socket, or by a loopback, and by no name that begins as one", () => {
  const isHere = (host: string) => new Engine(findEngine({ host }, { HOME: home })).isHere;
  expect(["unix:///a", "tcp://localhost:1", "tcp://127.0.0.1:1", "tcp://[::1]:1"].map(isHere)).not.toContain(false);
  expect(["tcp://localhost.example.com", "tcp://127.example.com", "ssh://localhost"].map(isHere)).not.toContain(true);
});

test("says what is wrong with what was given", () => {
  const env = { HOME: home };
  expect(() => findEngine({ host: "build:2375" }, env)).toThrow('host is "build:2375", which is no address');
  expect(() => findEngine({ context: "none" }, env)).toThrow('There is no docker context "none"');
  write(".docker/config.json", "{");
  expect(() => findEngine({}, env)).toThrow("config.json is not the JSON");
});
