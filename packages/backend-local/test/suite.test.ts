import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backendSuite } from "@skyburst/conformance";
import { afterAll, describe, test } from "vitest";
import { local } from "../src/index.ts";

const directory = mkdtempSync(join(tmpdir(), "skyburst-local-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("workers as processes", () => {
  backendSuite({ describe, test }, () => local({ directory }), {
    roles: ["watch", "capacity", "rate", "sessions", "logs", "close"],
    limited: (maxWorkers) => local({ directory, maxWorkers }),
    verifiesProgram: true,
    exitReports: "launcher",
    signals: true,
  });
});
