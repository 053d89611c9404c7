import type { Registrar } from "../registrar.ts";
import { decodeTests } from "./decode.ts";
import { knownSerializer, type SerializerFacts } from "./facts.ts";
import { formTests } from "./form.ts";
import { hostileTests } from "./hostile.ts";
import { referenceTests } from "./reference.ts";
import { refusalTests } from "./refusals.ts";
import type { OpenSerializer, SerializerTest } from "./stage.ts";
import { valueTests } from "./values.ts";

/** Registers the contract of a `Serializer` as tests. `open` makes another object of it each time. */
export function serializerSuite(
  { describe, test }: Registrar,
  open: OpenSerializer,
  facts: SerializerFacts = {},
): void {
  const settled = knownSerializer(facts);
  const on: SerializerTest = (name, body) =>
    void test(name, async () => body({ serializer: await open(), other: await open(), facts: settled }));
  describe("what encode makes", () => formTests(on, settled));
  describe("values", () => valueTests(on, settled));
  describe("refusals", () => refusalTests(on));
  describe("decode", () => decodeTests(on, settled));
  describe("what others send", () => hostileTests(on, settled));
  describe("the reference", () => referenceTests(on, settled));
}
