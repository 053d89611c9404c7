import { deflateRawSync, inflateRawSync } from "node:zlib";
import { SkyburstError } from "../../errors.ts";
import { Told } from "./told.ts";
import { workerName } from "./worker-name.ts";

/** What was told, as text: some tens of characters for most sessions, some thousands while a thousand workers run. */
export function eventCursor(session: string, told: Told): string {
  const { entries, supervisors, launches, newest, supervisor, answers, births, exits, gones, chunks, parts } = told;
  const own = new Set([...exits].map(workerName));
  const state: CursorState = {
    session,
    numbers: [entries, supervisors, launches, newest, chunks.overUpTo],
    ...(supervisor === undefined ? {} : { supervisor }),
    answers: rangesOf([...answers]),
    births: [...births],
    exits: [...exits],
    ended: [...told.ended].filter((process) => !own.has(process)),
    gones: [...gones],
    over: rangesOf([...chunks.over]),
    failed: [...chunks.failed].map(([number, { t, grant }]) => [number, t, grant]),
    running: [...chunks.running].map(([number, { t, epochs, upTo, beyond, done }]) => [
      [number, t, epochs, upTo, done ? 1 : 0],
      [...beyond],
    ]),
    parts: [...parts],
  };
  return version + deflateRawSync(JSON.stringify(state)).toString("base64url");
}

/** @throws {SkyburstError} `option` when it is none, or one of another session. */
export function parseEventCursor(session: string, text: string): Told {
  const state = stateOf(text);
  if (state.session !== session)
    throw new SkyburstError("option", `The cursor is of the events of session ${state.session}, not of ${session}.`);
  const told = new Told();
  const [entries, supervisors, launches, newest, overUpTo] = state.numbers;
  Object.assign(told, { entries, supervisors, launches, newest, supervisor: state.supervisor });
  for (const n of numbersIn(state.answers)) told.answers.add(n);
  for (const name of state.births) told.births.add(name);
  for (const name of state.exits) told.exits.add(name);
  for (const process of [...state.exits.map(workerName), ...(state.ended ?? [])]) told.ended.add(process);
  for (const name of state.gones) told.gones.add(name);
  told.chunks.overUpTo = overUpTo;
  for (const n of numbersIn(state.over)) told.chunks.over.add(n);
  for (const [number, t, grant] of state.failed) told.chunks.failed.set(number, { t, grant });
  for (const [[number, t, epochs, upTo, done], beyond] of state.running)
    told.chunks.running.set(number, { t, epochs, upTo, beyond: new Map(beyond), done: done === 1 });
  for (const [key, events] of state.parts) told.parts.set(key, events);
  return told;
}

interface CursorState {
  readonly session: string;
  readonly numbers: readonly [entries: number, supervisors: number, launches: number, newest: number, overUpTo: number];
  readonly supervisor?: string;
  readonly answers: readonly Span[];
  readonly births: readonly string[];
  readonly exits: readonly string[];
  /** Processes of which another one's fact told. */
  readonly ended?: readonly string[];
  readonly gones: readonly string[];
  readonly over: readonly Span[];
  readonly failed: readonly (readonly [number: number, t: number, grant: number])[];
  readonly running: readonly (readonly [
    turn: readonly [number: number, t: number, epochs: number, upTo: number, done: number],
    beyond: readonly (readonly [first: number, count: number])[],
  ])[];
  readonly parts: readonly (readonly [key: string, events: number])[];
}

type Span = readonly [from: number, to: number];

const version = "e1.";

function stateOf(text: string): CursorState {
  try {
    if (!text.startsWith(version)) throw new TypeError("It begins otherwise.");
    const state = JSON.parse(inflateRawSync(Buffer.from(text.slice(version.length), "base64url")).toString());
    return state as CursorState;
  } catch (cause) {
    throw new SkyburstError(
      "option",
      `${JSON.stringify(text.slice(0, 40))} is no cursor of events. It has to be what an earlier reading gave as its cursor, whole.`,
      { cause },
    );
  }
}

function rangesOf(numbers: readonly number[]): Span[] {
  const spans: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last?.[1] === number) last[1]++;
    else spans.push([number, number + 1]);
  }
  return spans;
}

function* numbersIn(spans: readonly Span[]): Generator<number> {
  for (const [from, to] of spans) for (let number = from; number < to; number++) yield number;
}
