import type { LeaseId, Range, SessionKeys, TurnId } from "../../protocol/keys.ts";

/** A fact that a look found and that was not told yet. */
export type Found = {
  /** When it was written, store time. */
  readonly at: number;
  /** By what it is sorted: `at`, or that of its cause where a clock went back between the two. */
  readonly order: number;
} & (FoundFact | FoundLease | FoundCommit);

/** `id`: what follows the prefix of its kind, or the number that does. */
type FoundFact =
  | { readonly kind: "entry"; readonly id: number }
  | { readonly kind: "supervisor" | "launch" | "answer"; readonly id: number }
  | { readonly kind: "birth" | "exit" | "gone"; readonly id: string };

type FoundLease = {
  readonly kind: "lease";
  readonly chunk: number;
  /** The end of its turn seems older: it may have been in vain. */
  readonly late: boolean;
} & LeaseId;

type FoundCommit = {
  readonly kind: "commit";
  readonly chunk: number;
  /** The batch; undefined: the turn's last one, whose name is `done`. */
  readonly range?: Range;
  /** Tasks of a turn's last batch; undefined: only the commit tells. */
  readonly count?: number;
  /** Not all succeeded, or something else is to be told of it: it has to be read. */
  readonly odd: boolean;
} & TurnId;

/** In this order when they were written at the same time: nothing comes before what it follows from. */
const ranks = {
  entry: 0,
  supervisor: 1,
  launch: 2,
  answer: 3,
  birth: 4,
  lease: 5,
  commit: 5,
  exit: 6,
  gone: 7,
} as const;

/** By time. What is equal keeps its order. */
export function inOrder(found: Found[]): Found[] {
  return found.sort((a, b) => a.order - b.order || ranks[a.kind] - ranks[b.kind]);
}

export function keyOf(keys: SessionKeys, found: Found): string {
  switch (found.kind) {
    case "entry":
      return keys.manifest(found.id);
    case "supervisor":
      return keys.supervisor(found.id);
    case "launch":
      return keys.launch(found.id);
    case "answer":
      return keys.launched(found.id);
    case "birth":
      return keys.births + found.id;
    case "exit":
      return keys.exits + found.id;
    case "gone":
      return keys.gone(found.id);
    case "lease":
      return keys.lease(found);
    case "commit":
      return found.range ? keys.part(found, found.range) : keys.done(found);
  }
}
