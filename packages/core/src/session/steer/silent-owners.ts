import { readLease } from "../../protocol/claim.ts";
import { listAll } from "../../protocol/facts.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { LeaseId, SessionKeys } from "../../protocol/keys.ts";
import type { Loss } from "../../protocol/lease.ts";
import { sight, silent } from "../../protocol/liveness.ts";
import type { Sighting } from "../../protocol/liveness.ts";
import type { Runtime } from "../../runtime.ts";

/** Whether those live who hold what somebody else wants to end: as workers judge each other. One object for all looks of a wait. */
export class SilentOwners {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #runtime: Runtime;
  readonly #ttl: number;
  readonly #sightings = new Map<string, Sighting>();
  readonly #owners = new Map<string, string>();
  #gones: ReadonlySet<string> = new Set();
  #hints: ReadonlyMap<string, number> = new Map();

  constructor(facts: Facts, keys: SessionKeys, runtime: Runtime, ttl: number) {
    this.#facts = facts;
    this.#keys = keys;
    this.#runtime = runtime;
    this.#ttl = ttl;
  }

  /** What is known of everybody is forgotten: the next question asks the store. */
  async look(): Promise<void> {
    const { gones, workers } = this.#keys;
    this.#gones = new Set((await listAll(this.#facts, gones)).entries.map(({ key }) => key.slice(gones.length)));
    const { entries } = await listAll(this.#facts, workers);
    this.#hints = new Map(entries.map(({ key, modified }) => [key.slice(workers.length), modified]));
  }

  /** Why the lease can be taken over. undefined: its owner lives, as far as is known. `leased`: when it was created. */
  async lossOf(id: LeaseId, leased: number, self: string): Promise<Loss | undefined> {
    const name = this.#keys.lease(id);
    const owner = this.#owners.get(name) ?? (await readLease(this.#facts, this.#keys, id))?.owner;
    if (owner === undefined) return undefined;
    this.#owners.set(name, owner);
    if (owner === self || this.#gones.has(owner)) return "left";
    return (await this.#isSilent(id, name, Math.max(leased, this.#hints.get(owner) ?? 0))) ? "lost" : undefined;
  }

  async #isSilent(id: LeaseId, name: string, heard: number): Promise<boolean> {
    const storeNow = await this.#facts.now();
    let newest = heard;
    // Only of who said nothing for long the chunk's own facts are asked for.
    if (storeNow - newest > this.#ttl / 2) {
      for (const prefix of [this.#keys.partsOf(id), this.#keys.tries(id)])
        for (const { modified } of (await listAll(this.#facts, prefix)).entries) newest = Math.max(newest, modified);
    }
    const monotonic = this.#runtime.monotonic();
    const sighting = sight(this.#sightings.get(name), { newest, storeNow, monotonic, ttl: this.#ttl });
    this.#sightings.set(name, sighting);
    return silent(sighting, monotonic, this.#ttl);
  }
}
