import { SkyburstError } from "../../errors.ts";
import type { Outcome } from "../../outcome.ts";
import type { Serializer } from "../../serializer/index.ts";
import { Attendance } from "./attendance.ts";
import type { ReadOptions, Reading as TaskReading } from "../attached.ts";
import type { OutcomeLines, Reading } from "./collector.ts";
import { advance, cursorText, endOf, parseCursor, stepAt } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { decodeOutcomes } from "./decode-outcome.ts";
import { followReading, stopIfPaused } from "./follow-reading.ts";
import type { Place } from "../place.ts";
import { readSession } from "./read-session.ts";
import { removedSession, standingSession } from "../standing-session.ts";

/** Where a reading is, between two things that it gives out. */
interface Progress {
  cursor: Cursor;
  next: number;
  complete: boolean;
}

export interface SessionReader {
  readonly place: Place;
  readonly serializer: Serializer;
  /** What keeps this process from having workers, if it should have some. */
  readonly failure?: (() => unknown) | undefined;
}

export function sessionLines(reader: SessionReader, options: ReadOptions = {}): TaskReading<OutcomeLines> {
  const progress = begin(options);
  return once(progress, () => lines(reader, options, progress));
}

export function sessionOutcomes<T>(reader: SessionReader, options: ReadOptions = {}): TaskReading<Outcome<T>> {
  const { place, serializer } = reader;
  const progress = begin(options);
  const ahead = begin(options);
  return once(progress, async function* () {
    for await (const part of lines(reader, options, ahead)) {
      const { cursor, next } = progress;
      for await (const outcome of decodeOutcomes<T>(place.facts, serializer, part)) {
        const task = outcome.task + 1;
        progress.cursor = advance(cursor, next, { level: stepAt(ahead.cursor, outcome.task)?.level ?? 0, task });
        progress.next = task;
        yield outcome;
      }
      Object.assign(progress, ahead);
    }
    Object.assign(progress, ahead);
  });
}

/** @throws {SkyburstError} `option` for a cursor that is none. */
function begin({ from = "" }: ReadOptions): Progress {
  return { cursor: parseCursor(from), next: 0, complete: false };
}

function once<T>(progress: Progress, start: () => AsyncGenerator<T>): TaskReading<T> {
  let used = false;
  return {
    [Symbol.asyncIterator]() {
      if (used) throw new SkyburstError("option", "A reading can be iterated once. Begin another one at its cursor.");
      used = true;
      return start();
    },
    get cursor() {
      return cursorText(progress.cursor);
    },
    get complete() {
      return progress.complete;
    },
    get next() {
      return progress.next;
    },
  };
}

async function* lines(
  { place, failure }: SessionReader,
  { wait = false, failed = false, signal }: ReadOptions,
  progress: Progress,
): AsyncGenerator<OutcomeLines> {
  const { id, facts, runtime, view, client } = place;
  await standingSession(place);
  if (endOf(progress.cursor) > view.current.tasks)
    throw new SkyburstError(
      "option",
      `The cursor ${cursorText(progress.cursor)} is behind the last of the ${view.current.tasks} tasks of session ${id}: is it of another session?`,
    );
  const reading = readSession(place, progress.cursor, failed);
  const attendance = new Attendance(place, client);
  const ended = () => view.current.submissions.length > 0 && view.current.submissions.every((known) => known.ended);
  const heard: Reading = {
    async *look(quiet) {
      const found = yield* reading.look(quiet);
      if (found) attendance.heard();
      return found;
    },
    complete: () => reading.complete(),
  };
  const hopeless = async () => {
    if (view.current.removed) throw removedSession(id);
    stopIfPaused(view.current);
    const because = failure?.();
    if (because !== undefined) throw because;
    await attendance.check();
  };
  for await (const part of followReading(heard, { facts, runtime, view, wait, signal, ended, hopeless })) {
    progress.cursor = reading.cursor;
    progress.next = reading.next;
    yield part;
  }
  progress.cursor = reading.cursor;
  progress.next = reading.next;
  progress.complete = reading.complete() && ended();
}
