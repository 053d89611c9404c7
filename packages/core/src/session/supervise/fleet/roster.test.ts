import { expect, test } from "vitest";
import { Roster } from "./roster.ts";

const worker = { id: "a", launch: 3, slot: 0, state: "running" } as const;
const refused = [{ slot: 0, kind: "option", message: "it can't open its store" }] as const;

test("who was seen to start and then refused is nobody any more, however late it is listed", () => {
  const roster = new Roster();
  roster.join(worker);
  roster.answered(3, { started: [], refused });
  expect(roster.live.size).toBe(0);
  roster.join(worker);
  expect(roster.live.size).toBe(0);
  expect(roster.end(worker.id)).toBe(false);
});

test("refusals of another launch concern nobody", () => {
  const roster = new Roster();
  roster.join(worker);
  roster.answered(4, { started: [], refused });
  expect([...roster.live.keys()]).toEqual(["a"]);
});
