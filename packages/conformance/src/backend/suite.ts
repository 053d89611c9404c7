import type { Registrar } from "../registrar.ts";
import { capacityTests } from "./capacity.ts";
import { closeTests } from "./close.ts";
import { exitTests } from "./exits.ts";
import { type BackendFacts, type BackendRole, knownBackend } from "./facts.ts";
import { launchTests } from "./launch.ts";
import { listTests } from "./list.ts";
import { logTests } from "./logs.ts";
import { roleTests } from "./roles.ts";
import { sessionTests } from "./sessions.ts";
import { specTests } from "./spec.ts";
import { type BackendTest, onBackendStage, type OpenBackend } from "./stage.ts";
import { stopTests } from "./stop.ts";
import { teardownTests } from "./teardown.ts";
import { watchTests } from "./watch.ts";

/**
 * Registers the contract of a `Backend` as tests, with real workers: a small program of the suite's own.
 *
 * `open` makes another object on one and the same provider each time. Each test has a session of its own, and stops what it
 * has started.
 */
export function backendSuite({ describe, test }: Registrar, open: OpenBackend, facts: BackendFacts = {}): void {
  const settled = knownBackend(facts);
  const on: BackendTest = (name, body) => void test(name, () => onBackendStage(open, settled, body));
  const has = (role: BackendRole) => settled.roles.includes(role);
  describe("launch", () => launchTests(on, settled));
  describe("the spec", () => specTests(on));
  describe("list", () => listTests(on));
  describe("exits", () => exitTests(on, settled));
  describe("stop", () => stopTests(on));
  describe("capacity", () => capacityTests(on, settled));
  describe("roles", () => roleTests(on, settled));
  if (has("watch")) describe("watch", () => watchTests(on));
  if (has("sessions")) describe("sessions", () => sessionTests(on));
  if (has("logs")) describe("logs", () => logTests(on));
  if (has("teardown")) describe("teardown", () => teardownTests(on));
  if (has("close")) describe("close", () => closeTests(on));
}
