import { installArm64 } from "./arm64.ts";
import { installDocker } from "./docker.ts";
import { installDockerRegistry } from "./docker-registry.ts";
import { installMinistack } from "./ministack.ts";
import { installRedis } from "./redis.ts";
import { installVersitygw } from "./versitygw.ts";

const INSTALLS = {
  versitygw: installVersitygw,
  ministack: installMinistack,
  redis: installRedis,
  docker: installDocker,
  arm64: installArm64,
  "docker-registry": installDockerRegistry,
} as const;

/**
 * Why a server can't be had on this machine, to skip what needs it by that name; `undefined` when it can. It is installed
 * if it is not there. On CI it has to be had.
 */
export async function unavailable(name: keyof typeof INSTALLS): Promise<string | undefined> {
  try {
    await INSTALLS[name]();
    return undefined;
  } catch (error) {
    if (process.env.CI) throw error;
    return `${name} can't be installed here: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
  }
}
