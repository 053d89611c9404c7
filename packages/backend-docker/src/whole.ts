import type { Engine } from "./engine.ts";
import { statusOf } from "./errors.ts";
import { mark } from "./runtime.ts";

/** All is in the worker's volume that a container has. */
export async function isWhole(engine: Engine, container: string): Promise<boolean> {
  try {
    const answer = await engine.ask((client) => client.getContainer(container).infoArchive({ path: mark }));
    // What is not read to its end keeps its connection, and so this process.
    answer.resume();
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}
