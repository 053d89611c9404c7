import { constants } from "node:os";
import { CliError } from "./errors.ts";

/**
 * Fires when the user wants the job to end: Ctrl-C, or SIGTERM from a service manager. Who asks twice does not want to wait
 * for what is still being stopped.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const exitCode = 128 + constants.signals[signal];
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(exitCode);
      controller.abort(new CliError("interrupted", "interrupted", { exitCode }));
    });
  }
  return controller.signal;
}
