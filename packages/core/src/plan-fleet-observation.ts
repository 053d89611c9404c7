import type { Refusal } from "./backend.ts";

/** What is known of the work and of the workers at one moment. Times are in milliseconds, unless named otherwise. */
export interface FleetObservation {
  /** Chunks without their final outcomes: more workers than these find nothing to lease. */
  readonly chunks: number;
  /** More work is expected, of unknown size. */
  readonly open: boolean;
  /** Tasks that are left, and the seconds that all of them take one slot, measured or as whoever submitted them says. undefined: nobody knows. */
  readonly work?: { readonly tasks: number; readonly seconds: number } | undefined;
  /** Workers that start or run, by the provider's own word, oldest first. */
  readonly live: readonly string[];
  /** Of them, those that did not come to work yet. Default: none. */
  readonly pending?: readonly string[] | undefined;
  /** Tasks that one worker runs at a time. */
  readonly slots: number;
  /** From the launch of a worker until it works. Default 0. */
  readonly startup?: number | undefined;
  /** The shortest time of a worker that is billed. Default 0. */
  readonly minimumBilling?: number | undefined;
  /** What a worker costs per hour. 0: nothing; undefined: nobody knows. */
  readonly rate?: number | undefined;
  /** Workers beside the live ones that the provider could start now; undefined: it does not say. */
  readonly capacity?: number | undefined;
  /** The provider refused workers last time. */
  readonly refused?: Refused | undefined;
  /** Workers that the money pays for, the live ones among them; undefined: any number. */
  readonly affordable?: number | undefined;
  /** Launches in a row of which no worker came to work. */
  readonly failures: number;
  /** Since the last launch. */
  readonly sinceLaunch: number;
  /** Workers that left because they found nothing to lease, since there last was something new. Default 0. */
  readonly idle?: number | undefined;
  readonly untilDeadline?: number | undefined;
}

/** What came of the last launch, of which some or all workers were refused. */
export interface Refused {
  readonly kind: Refusal["kind"];
  readonly refused: number;
  readonly asked: number;
  /** After which another try makes sense. */
  readonly wait: number;
  /** As many as to ask for then: one, and twice as many after each launch that was not refused. */
  readonly probe: number;
}

export interface FleetPolicy {
  /** The wish. */
  readonly workers: number;
  /** The backend's ceiling. */
  readonly maxWorkers: number;
  /** Most workers that may be paid at a time; undefined: any number. */
  readonly mostPaid?: number | undefined;
}
