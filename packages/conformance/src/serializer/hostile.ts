import assert from "node:assert/strict";
import type { Json, Received, Serializer } from "@skyburst/core";
import type { KnownSerializerFacts } from "./facts.ts";
import { PROTOTYPES, watch, type Watch } from "./harm.ts";
import { SAMPLES } from "./samples.ts";
import { arrived, type SerializerTest } from "./stage.ts";

export function hostileTests(test: SerializerTest, facts: KnownSerializerFacts): void {
  test("runs no code", ({ serializer, other }) => {
    const watched = watch();
    for (const text of CODE) {
      for (const received of changed(serializer, facts, () => text))
        assert.ok(!decodes(other, received, watched).ran, text);
    }
  });

  test("changes no prototype", ({ serializer, other }) => {
    const watched = watch();
    for (const name of ["__proto__", "constructor", "prototype"]) {
      for (const received of changed(serializer, facts, () => name)) unharmed(other, received, watched);
    }
    for (const received of poisoned(serializer, facts)) unharmed(other, received, watched);
  });

  test("gets no object of a strange prototype", ({ serializer, other }) => {
    const watched = watch();
    for (const received of [...poisoned(serializer, facts), ...changed(serializer, facts, () => "__proto__")]) {
      const { value } = decodes(other, received, watched);
      if (typeof value !== "object" || value === null) continue;
      assert.ok(PROTOTYPES.has(Object.getPrototypeOf(value)), "The value has a prototype that was sent.");
      assert.ok(!("polluted" in value && !Object.hasOwn(value, "polluted")), "The value inherits what was sent.");
    }
  });

  test("is data or malformed, and no other error", ({ serializer, other }) => {
    const watched = watch();
    const all = [
      ...changed(serializer, facts, () => "text"),
      ...changed(serializer, facts, () => -1),
      ...changed(serializer, facts, () => null),
      ...changed(serializer, facts, () => [[]]),
    ];
    for (const received of all) {
      const { error } = decodes(other, received, watched);
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      assert.ok(error === undefined || code === "malformed", `The code ${String(code)} of ${String(error)}`);
    }
  });
}

/** Set by code that ran. */
const MARK = "skyburstConformanceRan";
const RUN = `globalThis.${MARK}=true`;

/** What serializers that revive functions and templates would run. */
const CODE: readonly string[] = [
  RUN,
  `(${RUN})`,
  `(()=>{${RUN}})()`,
  `()=>{${RUN}}`,
  `function(){${RUN}}()`,
  `_$$ND_FUNC$$_function(){${RUN}}()`,
  `\${${RUN}}`,
  `=${RUN}`,
  `javascript:${RUN}`,
];

interface Decoded {
  readonly value?: unknown;
  readonly error?: unknown;
  /** Code of the value ran. */
  readonly ran: boolean;
  /** Whose prototype was changed. */
  readonly harmed: string | undefined;
}

function decodes(serializer: Serializer, received: Received, watched: Watch): Decoded {
  Reflect.deleteProperty(globalThis, MARK);
  let decoded: { readonly value?: unknown; readonly error?: unknown } = {};
  const harmed = watched(() => {
    try {
      // A value may be built out of what was received, which is tried again with other parts changed.
      decoded = { value: serializer.decode(structuredClone(received)) };
    } catch (error) {
      decoded = { error };
    }
  });
  const ran = MARK in globalThis;
  Reflect.deleteProperty(globalThis, MARK);
  return { ...decoded, ran, harmed };
}

function unharmed(serializer: Serializer, received: Received, watched: Watch): void {
  const shown = JSON.stringify(received.meta);
  const { harmed } = decodes(serializer, received, watched);
  assert.equal(harmed, undefined, `The prototype that was changed, by the meta ${shown}`);
}

/** What encode makes, with one leaf after the other put in place by another one. */
function changed(serializer: Serializer, facts: KnownSerializerFacts, by: () => Json): readonly Received[] {
  return honest(serializer, facts).flatMap((received) => [
    ...variants(received.meta, by).map((meta) => ({ ...received, meta })),
    ...variants(received.value, by).map((value) => ({ ...received, value })),
  ]);
}

/** What encode makes, with a key in each object that a careless loop would follow to a prototype. */
function poisoned(serializer: Serializer, facts: KnownSerializerFacts): readonly Received[] {
  const poison = ["__proto__", "constructor"].map(
    (key) => `${JSON.stringify(key)}:{"polluted":1,"prototype":{"polluted":1}}`,
  );
  return honest(serializer, facts).flatMap((received) =>
    poison.flatMap((pair) => [
      { ...received, value: withPair(received.value, pair) },
      { ...received, meta: withPair(received.meta, pair) },
    ]),
  );
}

function honest(serializer: Serializer, facts: KnownSerializerFacts): readonly Received[] {
  const rich = facts.kinds.flatMap((kind) => SAMPLES[kind]);
  const received = rich.map(({ value }) => arrived(serializer.encode({ value, next: [{ list: [1, "a"] }] })));
  // Without a kind beyond JSON, decode is never called; it is to be harmless even so.
  return received.length > 0 ? received : [{ value: { a: [1, "b"] }, meta: { a: ["b"] } }];
}

function variants(json: Json | undefined, by: () => Json): readonly Json[] {
  if (json === undefined) return [];
  if (typeof json !== "object" || json === null) return [by()];
  const entries = Object.entries(json);
  return entries.flatMap(([key, inner]) =>
    variants(inner, by).map((changed) => {
      const copy = structuredClone(json) as Record<string, Json>;
      Object.defineProperty(copy, key, { value: changed, enumerable: true, configurable: true, writable: true });
      return copy;
    }),
  );
}

/** Own properties of that name, as JSON.parse makes them. */
function withPair(json: Json | undefined, pair: string): Json | undefined {
  if (json === undefined) return undefined;
  const text = JSON.stringify(json)
    .replaceAll(/\{(?=.)/g, `{${pair},`)
    .replaceAll(",}", "}");
  return JSON.parse(text) as Json;
}
