import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backendSuite } from "@skyburst/conformance";
import { afterAll, describe, test } from "vitest";
import { rental } from "./fleet/rental.ts";
import { Room } from "./fleet/room.ts";

const places: string[] = [];
afterAll(() => {
  for (const path of places) rmSync(path, { recursive: true, force: true });
});

function room(): string {
  const path = mkdtempSync(join(tmpdir(), "skyburst-rental-"));
  places.push(path);
  return Room.make(path).path;
}

describe.each([true, false])("the provider of these tests (token: %s) keeps the contract of a backend", (token) => {
  const here = room();
  backendSuite({ describe, test }, () => rental({ room: here, token, maxWorkers: 1000 }), {
    roles: ["watch", "capacity", "rate", "sessions", "logs", "close"],
    limited: (maxWorkers) => rental({ room: room(), maxWorkers }),
    verifiesProgram: true,
    exitReports: "anyone",
    signals: true,
  });
});
