import { byPatches } from "./bugs/by-patches.ts";
import { byRules } from "./bugs/by-rules.ts";
import { ofFleets } from "./bugs/of-fleets.ts";
import type { Bug } from "./rules.ts";

/** Bugs that the simulator has to find: each is a rule of the protocol left out, by the name that the protocol gives it. */
export const bugs: Readonly<Record<string, Bug>> = {
  ...Object.fromEntries(Object.entries(byRules).map(([name, rules]): [string, Bug] => [name, { rules }])),
  ...Object.fromEntries(
    Object.entries({ ...byPatches, ...ofFleets }).map(([name, patches]): [string, Bug] => [name, { patches }]),
  ),
};
