import type { Engine } from "./engine.ts";
import { statusOf } from "./errors.ts";
import type { Room, Worker } from "./spec.ts";

/**
 * What the engine's machine has, and what running containers were promised of it: anybody's, since the machine is one. They are not asked
 * for where a worker has no size: there is room for any number of these.
 */
export async function roomOn(engine: Engine, { cpu, memory }: Pick<Worker, "cpu" | "memory">): Promise<Room> {
  const isSized = cpu !== undefined || memory !== undefined;
  return engine.ask(async (client) => {
    const [{ ID, NCPU, MemTotal }, running] = await Promise.all([
      client.info(),
      isSized ? client.listContainers() : [],
    ]);
    const promised = await Promise.all(
      running.map(({ Id }) =>
        client
          .getContainer(Id)
          .inspect()
          .then(({ HostConfig: { NanoCpus = 0, Memory = 0 } }) => ({ cpu: NanoCpus / 1e9, memory: Memory }))
          .catch((error: unknown) => {
            if (statusOf(error) === 404) return { cpu: 0, memory: 0 };
            throw error;
          }),
      ),
    );
    const sum = (of: (one: { readonly cpu: number; readonly memory: number }) => number) =>
      promised.reduce((total, one) => total + of(one), 0);
    return {
      engine: ID as string,
      cpu: NCPU as number,
      memory: MemTotal as number,
      usedCpu: sum(({ cpu }) => cpu),
      usedMemory: sum(({ memory }) => memory),
    };
  });
}
