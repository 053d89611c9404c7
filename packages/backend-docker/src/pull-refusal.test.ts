import { expect, test } from "vitest";
import { pullRefusal } from "./pull-refusal.ts";

test.each([
  [
    "pull access denied for tools, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    "image",
    /has no such image, or shows it to those only who may see it .*; or log in \(`docker login`\)/,
  ],
  [
    'failed to resolve reference "docker.io/library/tools:1": docker.io/library/tools:1: not found',
    "image",
    /has no such image \(/,
  ],
  ["reading manifest 1 in docker.io/library/tools: manifest unknown", "image", /has no such image \(/],
  ["toomanyrequests: You have reached your pull rate limit.", "unavailable", /gives no more for now .*docker login/],
  ["unauthorized: incorrect username or password", "permission", /does not let us/],
  ["no matching manifest for linux/arm64/v8 in the manifest list entries", "image", /docker manifest inspect tools/],
  ['Get "https://registry-1.docker.io/v2/": x509: certificate signed by unknown authority', "image", /certs\.d/],
  ["http: server gave HTTP response to HTTPS client", "image", /insecure-registries/],
  [
    'Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout',
    "unavailable",
    /did not answer to the end/,
  ],
  ["error pulling image configuration: download failed: dial tcp: i/o timeout", "unavailable", /did not answer/],
  ["context canceled", "unavailable", /did not answer to the end/],
  ["failed to register layer: write /a: no space left on device", "capacity", /disk is full/],
  ["dial tcp 10.0.0.1:443: connect: no route to host", "image", /reaches the Internet/],
  ["something that nobody has heard of", "image", /docker pull tools/],
])("of %s", (said, kind, message) => {
  expect(pullRefusal("tools", said, {})).toEqual({ kind, message: expect.stringMatching(message) });
});
