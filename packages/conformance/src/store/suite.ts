import type { Registrar } from "../registrar.ts";
import { known, type StoreFacts } from "./facts.ts";
import { onStage, type OpenStore, type StoreTest } from "./stage.ts";
import { clockTests } from "./clock.ts";
import { closeTests } from "./close.ts";
import { createTests } from "./create.ts";
import { deleteTests } from "./delete.ts";
import { getTests } from "./get.ts";
import { keyTests } from "./keys.ts";
import { listTests } from "./list.ts";
import { orderTests } from "./order.ts";
import { pageTests } from "./pages.ts";
import { putTests } from "./put.ts";
import { referenceTests } from "./reference.ts";
import { roleTests } from "./roles.ts";
import { signalTests } from "./signal.ts";

/**
 * Registers the contract of a `StateStore` as tests.
 *
 * `open` makes another object on one and the same place each time. Everything is written below `conformance/` there, each
 * test under a name of its own, and deleted again.
 */
export function storeSuite({ describe, test }: Registrar, open: OpenStore, facts: StoreFacts = {}): void {
  const settled = known(facts);
  const on: StoreTest = (name, body) => void test(name, () => onStage(open, settled, body));
  describe("create", () => createTests(on));
  describe("keys", () => keyTests(on, settled));
  describe("get", () => getTests(on));
  describe("list", () => listTests(on));
  describe("the order of a listing", () => orderTests(on));
  describe("the pages of a listing", () => pageTests(on));
  describe("put", () => putTests(on));
  describe("delete", () => deleteTests(on));
  describe("the clock", () => clockTests(on));
  describe("a signal", () => signalTests(on));
  if (settled.roles.includes("close")) describe("close", () => closeTests(on));
  describe("the reference", () => referenceTests(on));
  describe("roles", () => roleTests(on, settled));
}
