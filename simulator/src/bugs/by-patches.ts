import type { Patch } from "../rules.ts";

const turn = "core/src/protocol/turn.ts";
const lease = "core/src/protocol/lease.ts";
const worker = "worker/src/worker.ts";
const batch = "worker/src/batch.ts";

/** Bugs as they would stand in the code: in the copy that is built for one of them, a text stands for another. */
export const byPatches: Readonly<Record<string, readonly Patch[]>> = {
  "a lost commit means stop": [
    {
      file: turn,
      from: `if (header.epoch > this.id.e) return "superseded";`,
      to: `if (header.epoch !== this.id.e) return "superseded";`,
    },
    // The rule beside it would mend it: what a worker leased and does not hold is free to itself.
    { file: "worker/src/finder.ts", from: `else if (owner === claimer.owner) loss = "left";`, to: "" },
  ],
  "a lost commit means go on": [{ file: turn, from: `if (header.epoch > this.id.e) return "superseded";`, to: "" }],
  "no look at gone/<me>": [
    {
      file: "worker/src/incarnation.ts",
      from: "return (await facts.get(keys.gone(id))) !== undefined && this.#lives",
      to: "return facts === undefined && keys === undefined",
    },
  ],
  "segment keys by guessed sequence": [
    {
      file: "core/src/protocol/keys.ts",
      from: "`${root}segment/${submission}.${pad(ordinal, width.ordinal)}`",
      to: "`${root}segment/${pad(ordinal + 0 * submission.length, width.ordinal)}`",
    },
  ],
  "leaving without re-reading the ledger": [
    { file: worker, from: `if (reason === "stopped") return true;`, to: "return true;" },
  ],
  "re-read against the wrong rev": [
    {
      file: worker,
      from: "async #leave(reason: WorkerEnd, judged = this.#current()): Promise<boolean> {",
      to: `async #leave(reason: WorkerEnd): Promise<boolean> {
        const judged = await followLedger(this.#options.facts, this.#keys, this.#current());
        this.#ledger = judged;`,
    },
  ],
  "linger shorter than the TTL": [
    {
      file: worker,
      from: `if (stateOf(ledger) !== "ended" || idle < ledger.session.ttl * 1.5) return false;`,
      to: `if (stateOf(ledger) === "ended") return idle > ledger.session.ttl / 5;`,
    },
  ],
  "a commit must bring a final outcome": [
    { file: batch, from: "this.#cancelled + this.#grown > 0", to: "this.#cancelled > 0" },
  ],
  "a commit that brings nothing": [
    { file: batch, from: "this.#cancelled + this.#grown > 0", to: "this.#cancelled + this.#grown >= 0" },
  ],
  "attempt kept only in memory": [
    { file: batch, from: "attempt: item.attempt + 1, notBefore", to: "attempt: item.attempt, notBefore" },
  ],
  "an epoch counts as an attempt": [
    {
      file: lease,
      from: "return { ...before, ...counts,",
      to: `const again = typeof before.items === "number" ? Array.from({ length: before.items }, (_, offset) => ({ offset, attempt: 2 })) : before.items.map((item) => ({ ...item, attempt: item.attempt + 1 }));
  return { ...before, items: again, ...counts,`,
    },
  ],
  "items computed again on takeover": [
    {
      file: lease,
      from: "return { ...before, ...counts,",
      to: `const again = typeof before.items === "number" ? before.items : before.items.slice(before.epoch % 2);
  return { ...before, items: again, cut: before.cut.slice(-1), ...counts,`,
    },
  ],
  "summary from the owner's memory": [
    { file: turn, from: "this.#tallies[batch] = tallyOf({ header });", to: "this.#tallies[batch] = pick(result);" },
    {
      file: turn,
      from: "tallyOf(await this.#read(key))",
      to: "{ succeeded: this.batches[batch]?.count ?? 0, failed: [], cancelled: 0, again: [] }",
    },
  ],
  "failed of this turn only": [{ file: turn, from: "[...stillFailed, ...failed]", to: "[...failed]" }],
};
