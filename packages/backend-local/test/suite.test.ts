import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, test } from "vitest";
import { local } from "../src/index.ts";
import { backendSuite } from "./backend-suite.ts";
import { publish } from "./local-stage.ts";

const path = mkdtempSync(join(tmpdir(), "skyburst-local-test-"));
afterAll(() => rmSync(path, { recursive: true, force: true }));
const directory = join(path, "output");

backendSuite(test, () => local({ directory }), {
  publish: async (source) => publish(path, source),
  limited: (maxWorkers) => local({ directory, maxWorkers }),
  signals: true,
  verifiesProgram: true,
});
