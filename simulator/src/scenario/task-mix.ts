/** Shares of the tasks that are not plain. */
export interface TaskMix {
  readonly mean: number;
  /** Standard deviation of the logarithm of what they take, 0: each takes the mean. Default: they lie around it exponentially. */
  readonly sigma?: number;
  readonly long: number;
  readonly failing: number;
  /** Failed attempts of which it is not the task that is blamed alone. Default 0. */
  readonly blamed?: number;
  readonly large: number;
  readonly bulky: number;
  /** Results without a value, and of 5 MB. */
  readonly empty: number;
  readonly huge: number;
  /** Inputs that are not plain JSON, and those that are blobs. */
  readonly rich: number;
  readonly blobs: number;
  readonly chatty: number;
  readonly poison: number;
  /** Fails as long as something outside is broken, and when that is mended, in milliseconds. */
  readonly broken: number;
  readonly mended: number;
  /** Ends its worker the first time only. */
  readonly shaky: number;
  /** Assignments whose slot dies in the middle. */
  readonly slotDeaths: number;
}
