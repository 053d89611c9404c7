import type { HostConfig } from "dockerode";
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
          .then(({ HostConfig }) => ({ cpu: cpuOf(HostConfig), memory: HostConfig.Memory ?? 0 }))
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

/** Processors may be promised as such, or, as it once was done, as a part of a period. */
function cpuOf({ NanoCpus = 0, CpuQuota = 0, CpuPeriod = 0 }: HostConfig): number {
  if (NanoCpus > 0) return NanoCpus / 1e9;
  return CpuQuota > 0 ? CpuQuota / (CpuPeriod || usualPeriod) : 0;
}

/** Microseconds. */
const usualPeriod = 100_000;
