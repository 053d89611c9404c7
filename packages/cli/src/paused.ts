import { SkyburstError } from "@skyburst/core";
import type { AttachedSession } from "@skyburst/core";
import { CliError } from "./errors.ts";
import type { Warning } from "./output/warning.ts";
import type { StoreFlags } from "./stack.ts";
import { typed } from "./typed.ts";

/** What an error says, and, where the session is paused, by what it goes on. */
export async function howToGoOn(
  error: unknown,
  session: AttachedSession,
  flags: StoreFlags,
  warning: Warning,
): Promise<unknown> {
  if (!(error instanceof SkyburstError && error.code === "paused")) return error;
  const status = await session.status();
  await warning.hear(status);
  const { pausedFor } = status;
  const words = pausedFor === "crashes" ? ["retry", session.id] : ["extend", session.id, ...more(pausedFor)];
  return new CliError("paused", `${error.message.replace(/[.]?$/, ".")} To go on: ${typed(words, flags)}`, {
    cause: error,
  });
}

function more(pausedFor: string | undefined): readonly string[] {
  return pausedFor === "budget" ? ["--budget", "+5"] : ["--deadline", "+6h"];
}
