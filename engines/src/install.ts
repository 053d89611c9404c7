import { installMinistack } from "./ministack.ts";
import { installVersitygw } from "./versitygw.ts";

/** Installs every server that tests use; at once where that was done before. */
export async function installAll(): Promise<void> {
  await Promise.all([installVersitygw(), installMinistack()]);
}
