import { randomBytes } from "node:crypto";
import type { StateStore } from "@skyburst/core";
import type { KnownFacts } from "./facts.ts";
import { Place } from "./place.ts";

/** Makes another object on the same place, as another process would have it. */
export type OpenStore = () => StateStore | Promise<StateStore>;

/** What one test has to itself: two objects on an empty part of the store. */
export interface StoreStage {
  readonly store: Place;
  readonly other: Place;
  readonly facts: KnownFacts;
  /** One more object on the same part. */
  another(): Promise<Place>;
}

/** Registers a test under its name. */
export type StoreTest = (name: string, body: (stage: StoreStage) => Promise<void>) => void;

/** Runs a test on a part of the store that nobody else uses, and leaves nothing behind. */
export async function onStage(
  open: OpenStore,
  facts: KnownFacts,
  body: (stage: StoreStage) => Promise<void>,
): Promise<void> {
  const root = `conformance/${randomBytes(6).toString("hex")}/`;
  const opened: Place[] = [];
  const another = async () => {
    const place = new Place(await open(), root);
    opened.push(place);
    return place;
  };
  try {
    await body({ store: await another(), other: await another(), facts, another });
  } finally {
    await tidy(await another());
    for (const place of opened) await quietly(place.raw.close?.());
  }
}

/** What is wrong with list, delete and close is said by their own tests. */
async function tidy(place: Place): Promise<void> {
  await quietly(place.keys("").then((keys) => place.delete(keys)));
}

async function quietly(work: Promise<unknown> | undefined): Promise<void> {
  await work?.catch(() => undefined);
}
