import type { FleetPlan } from "../../../plan-fleet.ts";
import type { Births } from "./births.ts";
import type { Fleet } from "./fleet.ts";
import type { LastRefusal } from "./no-worker.ts";
import type { Refusals } from "../launch/refusals.ts";

/** What who supervises says of its fleet, in its hint. */
export interface FleetState {
  /** What takes the provider its time while it starts workers, else what decided the newest plan; in words. */
  readonly because: string;
  /** Workers that there would be, if the provider gave them at once. */
  readonly wanted: number;
  /** Workers that start or run. */
  readonly live: number;
  /** Of them, those that are not known to have come to work. */
  readonly pending: number;
  /** What the provider does not give. */
  readonly refused?: LastRefusal;
}

export function fleetState(
  { because, wanted }: FleetPlan,
  fleet: Fleet,
  births: Births,
  refusals: Refusals,
  doing: string | undefined,
): FleetState {
  const state = {
    because: doing ?? because,
    wanted,
    live: fleet.live.size,
    pending: births.pending(fleet.live).length,
  };
  const { newest } = refusals;
  if (!newest) return state;
  const { kind, message, refused, asked } = newest;
  return { ...state, refused: { kind, message, refused, asked } };
}
