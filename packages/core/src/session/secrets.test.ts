import { describe, expect, test } from "vitest";
import type { Backend } from "../backend.ts";
import { checkKeepsSecrets, checkSecrets, secretNames, secretsOf } from "./secrets.ts";

describe("a secret is refused by its name, and its value is not told", () => {
  const long = "hunter2".repeat(10_000);
  test.each([
    ["A-B", "hunter2", /^The secret "A-B" is no name of a variable/],
    ["1A", "hunter2", /^The secret "1A" is no name of a variable/],
    ["SKYBURST_A", "hunter2", /^The secret "SKYBURST_A" has a name that Skyburst keeps for itself/],
    ["A", "", /^The secret "A" is empty/],
    ["A", "hunter2\0", /^The secret "A" holds a zero byte/],
    ["A", long, /^The secret "A" has 70000 bytes: give at most 65536\.$/],
  ])("%s", (name, value, message) => {
    expect(() => checkSecrets({ [name]: value })).toThrow(message);
    expect(() => checkSecrets({ [name]: value })).not.toThrow(/hunter2/);
  });

  test("what is no text", () => {
    const given = JSON.parse('{"A":5}') as Record<string, string>;
    expect(() => checkSecrets(given)).toThrow('The secret "A" is of type number: give a text.');
  });

  test("what is a variable of the workers as well", () => {
    expect(() => checkSecrets({ A: "hunter2" }, { env: { A: "1" } })).toThrow("A is given as a secret and in spec.env");
  });
});

test("all that a variable can hold is a value", () => {
  expect(() => checkSecrets({ a_1: "ä\n", _: "x".repeat(65_536) })).not.toThrow();
  expect(() => checkSecrets(undefined)).not.toThrow();
});

test("names are kept in one order", () => {
  expect(secretNames({ B: "1", A: "2" })).toEqual(["A", "B"]);
  expect(secretNames(undefined)).toEqual([]);
});

test("who starts workers of a session gives what it has, all of it and nothing else", () => {
  expect(secretsOf("s1", ["A"], { A: "1" })).toEqual({ A: "1" });
  expect(secretsOf("s1", undefined, undefined)).toEqual({});
  expect(() => secretsOf("s1", ["A", "B", "C"], { B: "2" })).toThrow(
    "Workers of session s1 need the secrets A, C, and nobody keeps what they are",
  );
  expect(() => secretsOf("s1", [], { B: "2" })).toThrow("Session s1 was begun without the secret B");
});

test("a backend that hands nothing over takes no secrets", () => {
  const backend = (secrets: boolean | undefined) => ({ name: "plain", capabilities: { secrets } }) as Backend;
  checkKeepsSecrets(backend(undefined), []);
  checkKeepsSecrets(backend(true), ["A"]);
  expect(() => checkKeepsSecrets(backend(undefined), ["A"])).toThrow(
    "The plain backend has no way to hand the secret A to workers",
  );
});
