import type { VerifyFlags } from "../commands/verify.ts";

/** The options by which another process of this command finds the same store and configuration. */
export function storeArgs({ store, config }: VerifyFlags): readonly string[] {
  return [...option("--store", store), ...option("--config", config)];
}

/** Those that say where its job runs, and what a worker is made of. */
export function jobArgs({ backend, image, cpu, memory, gpus, volume = [] }: VerifyFlags): readonly string[] {
  return [
    ...option("--backend", backend),
    ...option("--image", image),
    ...option("--cpu", cpu?.toString()),
    ...option("--memory", memory === undefined ? undefined : sizeArg(memory)),
    ...option("--gpus", gpus?.toString()),
    ...volume.flatMap(({ source, target, readOnly }) => ["--volume", `${source}:${target}${readOnly ? ":ro" : ""}`]),
  ];
}

/** A size in bytes, as it is typed. */
function sizeArg(bytes: number): string {
  return `${bytes / 1024}k`;
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}
