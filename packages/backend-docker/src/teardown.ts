import type { Remnant, TeardownRequest } from "@skyburst/core";
import type { ContainerInfo } from "dockerode";
import type { Engine } from "./engine.ts";
import { statusOf } from "./errors.ts";
import { labelIn, MANAGED } from "./label.ts";
import type { Workers } from "./workers.ts";

/** Removes containers of ours that start no worker and run none, and then volumes that none of those left has. */
export async function teardown(
  engine: Engine,
  workers: Workers,
  { spare = [], dryRun = false }: TeardownRequest,
): Promise<readonly Remnant[]> {
  const all: ContainerInfo[] = await engine.ask((client) => client.listContainers({ all: true }));
  const over = all.filter((container) => isOver(container, new Set(spare)));
  const needed = new Set(all.filter((one) => !over.includes(one)).flatMap(volumesOf));
  const { Volumes } = await engine.ask((client) => client.listVolumes({ filters: { name: [prefix] } }));
  const unused = Volumes.map(({ Name }) => Name).filter((name) => isVolume.test(name) && !needed.has(name));
  const removed: Remnant[] = [];
  for (const { Id, Names, Labels } of over) {
    if (!dryRun && !(await workers.remove(Id))) continue;
    const label = labelIn(Labels);
    const name = label?.id ?? Names[0]?.slice(1) ?? Id;
    removed.push({ kind: "container", name, ...(label ? { sessionId: label.sessionId } : {}) });
  }
  for (const name of unused) if (dryRun || (await removeVolume(engine, name))) removed.push({ kind: "volume", name });
  return removed;
}

const prefix = "skyburst-worker-";
const isVolume = new RegExp(`^${prefix}[0-9a-f]{16}$`);

/** What fills a volume is none of a worker, and does not run either. */
function isOver({ State, Labels }: ContainerInfo, spare: ReadonlySet<string>): boolean {
  if (Labels[MANAGED] === undefined) return false;
  const label = labelIn(Labels);
  if (label === undefined) return true;
  return ["exited", "dead"].includes(State) && !spare.has(label.sessionId);
}

function volumesOf({ Mounts }: ContainerInfo): readonly string[] {
  return Mounts.flatMap(({ Type, Name }) => (Type === "volume" && Name !== undefined ? [Name] : []));
}

/** false: it is in use again, or somebody was faster. */
async function removeVolume(engine: Engine, name: string): Promise<boolean> {
  try {
    await engine.ask((client) => client.getVolume(name).remove());
    return true;
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 409) return false;
    throw error;
  }
}
