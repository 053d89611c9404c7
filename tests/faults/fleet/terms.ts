import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Backend, StateStore } from "@skyburst/core";
import type { Ground } from "../outlive/ground.ts";
import { rental } from "./rental.ts";
import type { RentalOptions } from "./rental.ts";
import { Room } from "./room.ts";
import { withTtl } from "./with-ttl.ts";

/** What a test has its provider and its sessions be like. */
export interface Terms extends Omit<RentalOptions, "room"> {
  /** Milliseconds after which a silent worker is lost. Default: those of the ground. */
  readonly ttl?: number;
}

/** A ground on which workers are rented: by the configuration of every desk, and by `backend()`. */
export class RentedGround implements Ground {
  readonly room = Room.make(mkdtempSync(join(tmpdir(), "skyburst-room-")));
  /** Of what is opened from now on. */
  terms: Terms = {};
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  get store(): StateStore {
    const { ttl } = this.terms;
    return ttl === undefined ? this.#ground.store : withTtl(this.#ground.store, ttl);
  }

  backend(): Backend {
    return rental(this.#options);
  }

  /** Its configuration is that of the ground, with another backend. */
  desk(): ReturnType<Ground["desk"]> {
    const desk = this.#ground.desk();
    renameSync(join(desk.directory, "skyburst.config.mjs"), join(desk.directory, "base.mjs"));
    writeFileSync(join(desk.directory, "skyburst.config.mts"), this.#configuration);
    return desk;
  }

  remove(): void {
    this.#ground.remove();
    rmSync(this.room.path, { recursive: true, force: true });
  }

  get #options(): RentalOptions {
    const { ttl: _, ...terms } = this.terms;
    return { ...terms, room: this.room.path };
  }

  get #configuration(): string {
    const { ttl } = this.terms;
    const store = ttl === undefined ? "base.store" : `withTtl(base.store, ${ttl})`;
    return `import base from "./base.mjs";
import { rental } from ${here("rental.ts")};
import { withTtl } from ${here("with-ttl.ts")};
export default { ...base, store: ${store}, backend: rental(${JSON.stringify(this.#options)}) };
`;
  }
}

function here(name: string): string {
  return JSON.stringify(join(import.meta.dirname, name));
}
