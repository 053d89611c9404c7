import type { Patch } from "../rules.ts";

const turn = "core/src/protocol/turn.ts";
const claim = "core/src/protocol/claim.ts";
const lease = "core/src/protocol/lease.ts";
const worker = "worker/src/worker.ts";
const batch = "worker/src/batch.ts";

/** Bugs as they would stand in the code: in the copy that is built for one of them, a text stands for another. */
export const byPatches: Readonly<Record<string, readonly Patch[]>> = {
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
  "a snapshot that forgets where inputs are": [
    {
      file: "core/src/protocol/read-ledger.ts",
      from: "{ ...entry, fold: after }",
      to: "{ ...entry, fold: { ...after, segments: after.segments.map(({ rev: _, ...row }) => row) } }",
    },
  ],
  "inputs kept for the entry that lost its place": [
    {
      file: "core/src/protocol/read-ledger.ts",
      from: "await facts.create(key, entryBody(entry, inputs))",
      to: "await facts.create(key, entryBody(entry, rev === (ledger?.rev ?? -1) + 1 ? inputs : []))",
    },
  ],
  "leaving without re-reading the ledger": [
    { file: worker, from: `if (reason === "stopped") return true;`, to: "return true;" },
  ],
  "re-read against the wrong rev": [
    {
      file: worker,
      from: "async #leave(reason: WorkerEnd, judged = this.#current(), needs?: number): Promise<boolean> {",
      to: `async #leave(reason: WorkerEnd, _?: Ledger, needs?: number): Promise<boolean> {
        const judged = await followLedger(this.#options.facts, this.#keys, this.#current());
        this.#ledger = judged;`,
    },
  ],
  "linger shorter than the TTL": [
    {
      file: "worker/src/departure.ts",
      from: `if (stateOf(ledger) !== "ended" || time < ledger.session.ttl * 1.5) return false;`,
      to: `if (stateOf(ledger) === "ended") return time > ledger.session.ttl / 5;`,
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
      from: "return {\n    ...before,\n    ...counts,",
      to: `const again = typeof before.items === "number" ? Array.from({ length: before.items }, (_, offset) => ({ offset, attempt: 2 })) : before.items.map((item) => ({ ...item, attempt: item.attempt + 1 }));
  return { ...before, items: again, ...counts,`,
    },
  ],
  "items computed again on takeover": [
    {
      file: lease,
      from: "return {\n    ...before,\n    ...counts,",
      to: `const again = typeof before.items === "number" ? before.items : before.items.slice(before.epoch % 2);
  return { ...before, items: again, cut: before.cut.slice(-1), ...counts,`,
    },
  ],
  "summary from the owner's memory": [
    { file: turn, from: "this.#tallies[batch] = tallyOf({ header });", to: "this.#tallies[batch] = pick(result);" },
    {
      file: turn,
      from: "tallyOf(await this.#read(key))",
      to: "{ succeeded: this.batches[batch]?.count ?? 0, failed: [], cancelled: 0, again: [], seconds: 0 }",
    },
  ],
  "a turn's existence decided by the G in done": [
    {
      file: claim,
      from: "return summary.again.length > 0 || retried(chunk, summary, grants).length > 0;",
      to: "return summary.again.length > 0;",
    },
  ],
  "what a retry does not name is forgotten on takeover": [
    {
      file: turn,
      from: "(this.#before?.failedTasks ?? [])",
      to: "(this.lease.epoch > 1 && this.lease.grant > (this.#before?.grant ?? 0) ? [] : (this.#before?.failedTasks ?? []))",
    },
  ],
  "a deadline by the worker's own clock": clockOfLimits("this.#clock.now() + 20_000"),
  "a deadline that only a client minds": clockOfLimits("0"),
  "a cancel of single tasks is not heard": [
    {
      file: "worker/src/held.ts",
      from: "if (cancelled.length > 0) run.cancelTasks(cancelled);",
      to: "",
    },
  ],
  "a retry of what is cancelled": [
    {
      file: "core/src/protocol/fold.ts",
      from: "if (cancelled || (only !== undefined && only !== id)) continue;",
      to: "if ((cancelled && grants.length > 99) || (only !== undefined && only !== id)) continue;",
    },
  ],
  "no fleet check after a grant": [
    {
      file: session("supervise/work/unfinished-chunks"),
      from: "if (summary && !hasNextTurn(chunk, summary, chunk.submission.grants)) this.#finished.add(chunk.number);",
      to: "if (summary && !hasNextTurn(chunk, summary, [])) this.#finished.add(chunk.number);",
    },
  ],
  "no fleet check after a restart": [
    {
      file: session("supervise/work/remaining"),
      from: "return this.#find((submission) => this.#isOthers(submission));",
      to: "return this.#find((submission) => this.#own.has(submission.id) && this.#isOthers(submission));",
    },
    {
      file: session("supervise/work/remaining"),
      from: "return this.#find(({ id, grants }) => !this.#own.isSettled(id) || grants.length > 0);",
      to: "return this.#find(({ id }) => this.#own.has(id));",
    },
  ],
  "no recovery of unresolved launches": [
    {
      file: session("supervise/launch/launches"),
      from: "unanswered: numbers.filter((n) => !done.has(n))",
      to: "unanswered: numbers.filter((n) => !done.has(n) && n < 0)",
    },
  ],
  "no look at the lease before a wave": [
    {
      file: session("supervise/supervisor-lease"),
      from: "if (await facts.get(keys.supervisor(this.#held + 1))) this.#held = undefined;",
      to: "if (keys === undefined && facts === undefined) this.#held = undefined;",
    },
  ],
  "a living worker taken for a supervisor": [
    {
      file: session("status/presence"),
      from: "const alive = !gones.has(owner) && now - heard <= supervisorPace(ttl).lease;",
      to: "const alive = [...hints.values(), gones.has(owner) ? 0 : heard].some((at) => now - at <= supervisorPace(ttl).lease);",
    },
  ],
  "a horizon beyond the budget": [
    {
      file: session("supervise/money/spending"),
      from: "Math.min(now + farthest, paidUntil(bill, amount, more))",
      to: "Math.max(now + farthest, paidUntil(bill, amount, more))",
    },
  ],
  "a cursor that forgets its level": [
    {
      file: session("collect/cursor"),
      from: "return found && { level: Number(found[1]), task: Number(found[2]) };",
      to: "return found && { level: 1e6, task: Number(found[2]) };",
    },
  ],
  "remove without the fence": [
    {
      file: session("remove/remove-session"),
      from: `await view.append({ operations: [{ op: "remove" }], admissible: () => true });`,
      to: `await view.append({ operations: [{ op: "end" }], admissible: () => true });`,
    },
  ],
  "remove does not wait for workers": [
    {
      file: session("remove/remove-session"),
      from: "if (options.now === true ||",
      to: "if (id !== undefined || options.now === true ||",
    },
  ],
  "the ledger is deleted first": [
    {
      file: session("remove/gc"),
      from: "const objects = await deleteObjects(facts, keys, { dryRun, signal });",
      to: "if (silent) await deleteLedger(facts, keys, id, { dryRun }); const objects = await deleteObjects(facts, keys, { dryRun, signal });",
    },
  ],
  "failed of this turn only": [{ file: turn, from: "[...stillFailed, ...failed]", to: "[...failed]" }],
};

function session(name: string): string {
  return `core/src/session/${name}.ts`;
}

/** Judges deadlines and horizons by another clock than the store's. */
function clockOfLimits(clock: string): readonly Patch[] {
  return [
    { file: worker, from: "limitReached(ledger, this.#clock.now())", to: `limitReached(ledger, ${clock})` },
    { file: worker, from: "return untilLimit(ledger, this.#clock.now())", to: `return untilLimit(ledger, ${clock})` },
    {
      file: worker,
      from: "deadlinePause(this.#current(), () => this.#clock.now())",
      to: `deadlinePause(this.#current(), () => ${clock})`,
    },
  ];
}
