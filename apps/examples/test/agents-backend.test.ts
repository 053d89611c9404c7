import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { backendSuite } from "@skyburst/conformance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Agent, startAgent } from "../src/agents-backend/agent.ts";
import { agents } from "../src/agents-backend/backend.ts";
import { shownIn } from "./guide.ts";

const secret = "for this test";
const running: Agent[] = [];
let urls: readonly string[] = [];

async function agent(maxWorkers: number): Promise<string> {
  const started = await startAgent({ secret, maxWorkers });
  running.push(started);
  return started.url;
}

beforeAll(async () => {
  urls = [await agent(10), await agent(10)];
});
afterAll(async () => {
  for (const one of running) await one.close();
});

describe("the backend of agents keeps the contract", () => {
  backendSuite({ describe, test }, () => agents({ urls, secret, perAgent: 10 }), {
    roles: ["capacity", "sessions", "logs", "close"],
    limited: async (most) => agents({ urls: [await agent(most)], secret, perAgent: most }),
    verifiesProgram: true,
    signals: true,
  });
});

test("an agent that does not answer is said to be unavailable, and its workers are not said to be gone", async () => {
  const gone = await startAgent({ secret, maxWorkers: 1 });
  await gone.close();
  const backend = agents({ urls: [...urls, gone.url], secret, perAgent: 10 });
  const error = { code: "unavailable", retryable: true, message: expect.stringContaining(gone.url) };
  await expect(backend.list("any")).rejects.toMatchObject(error);
});

test("a wrong secret is a matter of permission", async () => {
  const backend = agents({ urls, secret: "a guess", perAgent: 10 });
  await expect(backend.list("any")).rejects.toMatchObject({ code: "permission", retryable: false });
});

test("the program runs a map on two agents", async () => {
  const directory = mkdtempSync(join(tmpdir(), "skyburst-agents-"));
  try {
    const tsx = createRequire(import.meta.url).resolve("tsx/cli");
    const main = fileURLToPath(new URL("../src/agents-backend/main.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [tsx, main], { cwd: directory });
    expect(stdout).toBe("π is about 3.14.\n");
    expect(readdirSync(directory)).toEqual(["jobs"]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test("the guide shows these files as they are", () => {
  const shown = shownIn("docs/guides/write-a-backend.md");
  for (const name of ["protocol.ts", "workers.ts", "agent.ts", "agent-client.ts", "backend.ts", "task.ts", "main.ts"])
    expect(shown.get(name)).toBe(readFileSync(new URL(`../src/agents-backend/${name}`, import.meta.url), "utf8"));
});
