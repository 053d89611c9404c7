import type { SessionEvent } from "@skyburst/core";

type EventType = SessionEvent["type"];

/** All there are: one that is missing here is an error of types. */
const known: Readonly<Record<EventType, true>> = {
  created: true,
  opened: true,
  appended: true,
  ended: true,
  cancelled: true,
  rerun: true,
  paused: true,
  resumed: true,
  extended: true,
  warned: true,
  horizon: true,
  removed: true,
  supervised: true,
  unsupervised: true,
  wave: true,
  started: true,
  refused: true,
  born: true,
  gone: true,
  exited: true,
  leased: true,
  committed: true,
  retried: true,
  failed: true,
  "log-dropped": true,
};

/** @throws {RangeError} for a word that is none. */
export function eventTypes(text: string): ReadonlySet<EventType> {
  const types = text.split(",").map((word) => word.trim());
  const wrong = types.find((word) => !(word in known));
  if (wrong !== undefined)
    throw new RangeError(`${JSON.stringify(wrong)} is no type of event. There are: ${Object.keys(known).join(", ")}.`);
  return new Set(types as EventType[]);
}
