/** What the provider of a simulation's workers is like, where it is more than one that has room for all at once. */
export interface ProviderPlan {
  /** How many workers it lets run at a time, from these moments on; before the first, and once nothing goes wrong any more, any number. */
  readonly quota: readonly QuotaStep[];
  /** Share of its refusals that tell when to ask again. */
  readonly tellsWhen: number;
  /** It tells how many more could start now, as of up to so many milliseconds ago. */
  readonly capacity?: { readonly lag: number };
  /** The shortest time of a worker that is billed, in milliseconds. */
  readonly minimumBilling: number;
  /** What a worker costs per second, from these moments on; the first is from the beginning. */
  readonly prices: readonly PriceStep[];
  /** How far its clock is from others, in milliseconds, and how much faster it runs. */
  readonly clock: { readonly offset: number; readonly drift: number };
  /** Most workers that it takes of anybody. */
  readonly maxWorkers: number;
}

export interface QuotaStep {
  readonly from: number;
  readonly most: number;
  readonly kind: "quota" | "capacity";
}

export interface PriceStep {
  readonly from: number;
  readonly perSecond: number;
}

/** One that has room for all, and charges one a second. */
export const roomy: ProviderPlan = {
  quota: [],
  tellsWhen: 0.5,
  minimumBilling: 0,
  prices: [{ from: 0, perSecond: 1 }],
  clock: { offset: 0, drift: 0 },
  maxWorkers: 1000,
};
