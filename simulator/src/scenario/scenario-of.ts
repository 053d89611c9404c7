import { haunted } from "./haunted.ts";
import { outlived } from "./outlived.ts";
import { plainScenario } from "./plain.ts";
import type { Scenario } from "./scenario.ts";
import { withBlames } from "./with-blames.ts";
import { withJoiners } from "./with-joiners.ts";
import { withListeners } from "./with-listeners.ts";
import { withMemory } from "./with-memory.ts";
import { withStandIns } from "./with-stand-ins.ts";
import { withProvider } from "./with-provider.ts";
import { withWidths } from "./with-widths.ts";

export function scenarioOf(seed: number): Scenario {
  const plain = plainScenario(seed);
  const peopled = withStandIns(withListeners(withProvider(withBlames(outlived(seen(haunted(withJoiners(plain))))))));
  return withWidths(withMemory(peopled));
}

/** A watch tells of each change: only who lists can miss one. */
function seen(plain: Scenario): Scenario {
  return plain.watch ? { ...plain, faults: { ...plain.faults, forgotten: 0, listLag: 0 } } : plain;
}
