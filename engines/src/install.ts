import { installArm64 } from "./arm64.ts";
import { installDocker } from "./docker.ts";
import { installDockerRegistry } from "./docker-registry.ts";
import { installMinistack } from "./ministack.ts";
import { installRedis } from "./redis.ts";
import { installVersitygw } from "./versitygw.ts";

/** Installs every server that tests and benchmarks use; at once where that was done before. */
export async function installAll(): Promise<void> {
  await Promise.all([installVersitygw(), installMinistack(), installArm64()]);
  // One after the other: the system's packages are under one lock.
  await installRedis();
  await installDocker();
  await installDockerRegistry();
}
