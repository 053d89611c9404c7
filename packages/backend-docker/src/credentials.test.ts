import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loginTo } from "./credentials.ts";

let config: string;
beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), "skyburst-credentials-"));
});
afterEach(() => rmSync(config, { recursive: true, force: true }));

const env = () => ({ DOCKER_CONFIG: config, PATH: `${config}${delimiter}${process.env.PATH}` });
const configure = (what: object) => writeFileSync(join(config, "config.json"), JSON.stringify(what));
const hub = "https://index.docker.io/v1/";
const auth = Buffer.from("me:pass:word").toString("base64");

test("Docker Hub has an address of its own in the configuration", async () => {
  configure({ auths: { [hub]: { auth } } });
  const credentials = { serveraddress: hub, username: "me", password: "pass:word" };
  expect(await loginTo("docker.io", undefined, env())).toEqual({ credentials });
  expect(await loginTo("other.example.com", undefined, env())).toEqual({});
});

test("a token goes before a password", async () => {
  configure({ auths: { "example.com": { auth, identitytoken: "token" } } });
  expect(await loginTo("example.com", undefined, env())).toEqual({
    credentials: { serveraddress: "example.com", identitytoken: "token" },
  });
});

test("a program may give a token", async () => {
  const program = join(config, "docker-credential-tests");
  writeFileSync(program, `#!/bin/sh\necho '{"ServerURL":"x","Username":"<token>","Secret":"token"}'\n`);
  chmodSync(program, 0o755);
  configure({ credsStore: "tests" });
  expect(await loginTo("example.com", undefined, env())).toEqual({
    credentials: { serveraddress: "example.com", identitytoken: "token" },
  });
});

test("what is given goes before all, and nothing else is looked at", async () => {
  writeFileSync(join(config, "config.json"), "{");
  expect(await loginTo("example.com", { username: "you", password: "secret" }, env())).toEqual({
    credentials: { serveraddress: "example.com", username: "you", password: "secret" },
  });
  expect(await loginTo("example.com", undefined, env())).toEqual({ trouble: expect.stringContaining("config.json") });
});

test("who never logged in is nobody", async () => {
  expect(await loginTo("example.com", undefined, env())).toEqual({});
});
