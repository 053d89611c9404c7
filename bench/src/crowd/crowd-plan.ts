/** A fleet of simulated workers, and what it has to do. */
export interface CrowdPlan {
  /** The wish. */
  readonly workers: number;
  /** Most that come. For others there is no room. Default: all. */
  readonly present?: number;
  /** Processes that the workers are shared out to. */
  readonly processes: number;
  readonly tasks: number;
  /** What each task takes, in milliseconds of the fleet's time. */
  readonly milliseconds: number;
  /** What the client says that a task takes. */
  readonly estimate: number;
  /** How many times faster than real time passes for client, workers and store. */
  readonly speed: number;
  /** Store time is counted from here, so that all processes agree: milliseconds since the epoch. */
  readonly epoch: number;
  /** Everything is killed when so many tasks have their outcome. Default: it runs to its end. */
  readonly killedAfter?: number;
}

/** What a fleet came to. */
export interface CrowdReport {
  readonly session: string;
  /** Of real time, from the map's beginning to its end, or to its kill. */
  readonly seconds: number;
  readonly tasks: number;
  readonly chunks: number;
  /** Outcomes that the client was told. */
  readonly outcomes: number;
  readonly client: Asked;
  readonly workers: Asked;
}

/** What processes asked of the store. */
export interface Asked {
  readonly create: number;
  readonly get: number;
  readonly list: number;
  readonly put: number;
  readonly delete: number;
  /** Of the creates, those that found that somebody was faster. */
  readonly lost: number;
}

export const nothing: Asked = { create: 0, get: 0, list: 0, put: 0, delete: 0, lost: 0 };

/** From the client's process to one with workers. */
export type Order =
  | { readonly kind: "start"; readonly args: readonly string[]; readonly worker: WorkerName }
  | { readonly kind: "stop" };

/** From a process with workers to the client's. */
export type Word =
  | { readonly kind: "end"; readonly worker: WorkerName; readonly asked: Asked }
  | { readonly kind: "failed"; readonly message: string };

export interface WorkerName {
  readonly launch: number;
  readonly slot: number;
}
