import { SkyburstError } from "../../errors.ts";
import { parseEntry } from "../../protocol/entry.ts";
import type { EventOptions, EventReading } from "../attached.ts";
import { inParallel } from "../in-parallel.ts";
import type { Place } from "../place.ts";
import { standingSession } from "../standing-session.ts";
import type { SessionEvent } from "./event.ts";
import { eventCursor, parseEventCursor } from "./event-cursor.ts";
import { findEntries, findFleet } from "./find-fleet.ts";
import { findWork } from "./find-work.ts";
import { followEvents } from "./follow-events.ts";
import { inOrder, keyOf } from "./found.ts";
import type { Found } from "./found.ts";
import { tellEntry } from "./tell-entry.ts";
import { tellFleet } from "./tell-fleet.ts";
import { tellWork } from "./tell-work.ts";
import type { Telling } from "./tell-work.ts";
import { Told } from "./told.ts";
import type { Left } from "./told-chunks.ts";

/**
 * Everything that happened in a session, from its facts: what a look finds that was not told is told in order of time. A look is some
 * LISTs, from the first chunk on that is not over; read are the facts of which the name does not say it all.
 */
export function sessionEvents(place: Place, options: EventOptions = {}, failure?: () => unknown): EventReading {
  const { from, outcomes = false } = options;
  const told = from === undefined ? new Told() : parseEventCursor(place.id, from);
  let used = false;
  return {
    [Symbol.asyncIterator]() {
      if (used) throw new SkyburstError("option", "A reading can be iterated once. Begin another one at its cursor.");
      used = true;
      return read();
    },
    get cursor() {
      return eventCursor(place.id, told);
    },
  };

  async function* read(): AsyncGenerator<SessionEvent> {
    await standingSession(place);
    yield* followEvents({ place, told, look, failure }, options);
  }

  async function* look(): AsyncGenerator<SessionEvent, number> {
    const found = inOrder([
      ...(await findEntries(place, told)),
      ...(await findFleet(place, told)),
      ...(await findWork(place, told.chunks)),
    ]);
    for await (const [fact, { events, left }] of inParallel(found, readAtOnce, (one) => tell(place, one, outcomes))) {
      const key = keyOf(place.keys, fact);
      const given = told.parts.get(key) ?? 0;
      for (const [n, event] of events.entries()) {
        if (n < given) continue;
        // Before it is given out: whoever has it is told that they are behind it.
        if (n < events.length - 1) told.parts.set(key, n + 1);
        else settle(fact, key, left);
        if (event.type === "supervised") told.supervisor = event.client;
        // Several facts may tell of one end.
        if (event.type === "exited" && !told.ends(event.process)) continue;
        yield event;
      }
      if (events.length <= given) settle(fact, key, left);
    }
    return found.length;
  }

  function settle(fact: Found, key: string, left: Left | undefined): void {
    told.parts.delete(key);
    told.tell(fact, left);
  }
}

/** Facts that are read at a time: a commit may have 4 MB. */
const readAtOnce = 8;

async function tell(place: Place, found: Found, outcomes: boolean): Promise<Telling> {
  if (found.kind === "lease" || found.kind === "commit") return tellWork(place, found, outcomes);
  const body = found.kind === "birth" ? undefined : await place.facts.get(keyOf(place.keys, found));
  if (found.kind !== "entry") return { events: tellFleet(found, body) };
  return { events: body ? [...tellEntry(parseEntry(body), found.at)] : [] };
}
