import type { StorePace } from "../../../packages/core/src/store.ts";
import type { Faults } from "./faults.ts";
import type { MemoryPlan } from "./with-memory.ts";
import type {
  Act,
  ActPlan,
  CollectorPlan,
  DaemonPlan,
  JoinerPlan,
  ListenerPlan,
  RemovalPlan,
  SubmissionPlan,
  StandInPlan,
  SubmitterPlan,
} from "./plans.ts";
import type { ProviderPlan } from "./provider-plan.ts";
import type { TaskMix } from "./task-mix.ts";

export interface Scenario {
  readonly seed: number;
  readonly pace: StorePace;
  readonly ttl: number;
  readonly linger: number;
  readonly commitInterval: number;
  readonly latency: number;
  readonly pageSize: number;
  readonly roundedTimes: boolean;
  /** Each answer tells the store's clock. */
  readonly dated: boolean;
  readonly workers: number;
  readonly slots: number;
  readonly watch: boolean;
  readonly token: boolean;
  readonly reportDelay: number;
  readonly drift: number;
  readonly submissions: readonly SubmissionPlan[];
  /** `after`: milliseconds for a detach; operations on the store for a crash. */
  readonly client: { readonly ends: "close" | "detach" | "crash"; readonly after: number };
  readonly joiners: readonly JoinerPlan[];
  readonly submitters: readonly SubmitterPlan[];
  readonly daemons: readonly DaemonPlan[];
  /** Workers may start somebody who supervises when nobody does; undefined: they may not. */
  readonly standIns?: StandInPlan;
  readonly collectors: readonly CollectorPlan[];
  readonly listeners: readonly ListenerPlan[];
  readonly removal?: RemovalPlan;
  /** Milliseconds after which an open session is ended to which nobody adds anything. */
  readonly idleTimeout?: number;
  /** What may be spent. */
  readonly budget?: number;
  /** In the end a daemon sees to it that all is done; or else somebody starts workers by hand. */
  readonly rescue: "daemon" | "hands";
  /** What others say while it runs, and when all is over, one after the other. */
  readonly acts: readonly ActPlan[];
  readonly afterwards: readonly Act[];
  /** Somebody looks on from another process, and others look in now and then. */
  readonly spectator: boolean;
  readonly onlookers: readonly ("status" | "glance")[];
  /** What its workers may cost per second, all together, and the amount of which somebody wants to be told. */
  readonly maxRate?: number;
  readonly warnAt?: number;
  /** Milliseconds within which some worker has to start. */
  readonly startTimeout?: number;
  /** Where its workers run. Default: where there is room for all. */
  readonly provider?: ProviderPlan;
  /** Workers are up to this much faster or slower than others, as a share of their speed. Default 0. */
  readonly unevenness?: number;
  /** Milliseconds from a launch until its worker's program runs: at least, and beyond that in the mean. Default 0 and 500. */
  readonly boot?: readonly [least: number, beyond: number];
  /** Default: there is enough of it. */
  readonly memory?: MemoryPlan;
  readonly mix: TaskMix;
  readonly faults: Faults;
}
