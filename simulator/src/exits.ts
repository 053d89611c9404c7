import type { Provider } from "./provider/provider.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

/** What the store says of a worker's end is what its provider said at some time; or that nobody knows. */
export function checkExits(world: World, { told }: Provider, { exits }: Witness): void {
  for (const [name, exit] of exits) {
    const all = told.get(name) ?? [];
    const isTold = all.some(
      ({ exit: said, startedAt, stoppedAt }) =>
        said?.reason === exit.reason &&
        (said.memory ?? null) === (exit.memory ?? null) &&
        (startedAt ?? null) === (exit.startedAt ?? null) &&
        (stoppedAt ?? null) === (exit.stoppedAt ?? null),
    );
    const isUnknown = exit.reason === "lost" && (exit.stoppedAt ?? null) === null;
    if (!isTold && !isUnknown)
      world.violated(`exit/${name} says ${JSON.stringify(exit)}; the provider said ${JSON.stringify(all)}`);
  }
}
