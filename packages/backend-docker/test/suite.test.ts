import { backendSuite } from "@skyburst/conformance";
import { type DockerEngine, dockerEngine, unavailable } from "@skyburst/engines";
import { afterAll, beforeAll, describe, test } from "vitest";
import { docker } from "../src/index.ts";

const missing = await unavailable("docker");

describe.skipIf(missing)(`workers as containers${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  beforeAll(async () => {
    engine = await dockerEngine();
  });
  afterAll(() => engine?.stop());

  const backend = (maxWorkers?: number) => {
    const { socketPath, image } = engine;
    return docker({ socketPath, image, ...(maxWorkers === undefined ? {} : { maxWorkers }) });
  };
  backendSuite({ describe, test }, () => backend(), {
    roles: ["watch", "capacity", "largest", "rate", "logs", "close", "sessions", "teardown"],
    limited: backend,
    examples: {
      image: "skyburst-test/bare",
      platform: `linux/${process.arch === "x64" ? "amd64" : process.arch}`,
      mounts: [{ source: "/tmp", target: "/mnt", readOnly: true }],
    },
    lacks: ["gpus"],
    verifiesProgram: true,
  });
});
