import type { World } from "../world.ts";
import type { Machine } from "./machine.ts";

/**
 * A client has closed: each worker that it knows of was asked to end, or has ended. Unless others have work for them, or somebody
 * else supervised meanwhile.
 */
export function expectAttended(world: World, machines: Iterable<Machine>, launcher: string): void {
  if (isShared(world, launcher)) return;
  for (const { process, asked, answered, told, launcher: by } of machines)
    if (by === launcher && answered && !asked && process.alive && told.state !== "exited")
      world.violated(`${process.name} was left behind by ${launcher}, which closed`);
}

function isShared(world: World, launcher: string): boolean | undefined {
  const { conduct, objects, scenario } = world;
  const { witness } = conduct;
  const { ledger, keys } = witness ?? {};
  // What it cancelled and could not end itself is ended by workers, and what somebody retries.
  if (witness && (!witness.finished || (ledger?.grants ?? 0) > 0)) return true;
  if (keys && objects.has(keys.supervisor(2))) return true;
  // What a pause stopped is nobody's own: while that went on it left the workers to it, even if it took long to leave.
  if (witness?.closedAmidResumed.has(launcher)) return true;
  const own = launcher === "client" ? 0 : Number(launcher.slice("joiner".length));
  return ledger?.submissions.some(
    // What somebody else wants to be tried again is theirs, too.
    ({ id, grants }) => grants.length > 0 || scenario.submissions[world.placeOf(id)]?.client !== own,
  );
}
