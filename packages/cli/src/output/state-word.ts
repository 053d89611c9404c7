import type { SessionStatus } from "@skyburst/core";

/**
 * How a session stands, in a word: `open`, more inputs may come; `running`; `stalled`, something is left to do and nobody is
 * there to do it; `paused`, `done`, `cancelled`, `removed`.
 */
export function stateWord({ state, tasks, running, pending, workers, supervisor }: SessionStatus): string {
  const left = running + pending > 0;
  const abandoned = workers === 0 && supervisor?.alive !== true;
  if (abandoned && left && (state === "open" || state === "ended")) return "stalled";
  return state === "ended" && tasks > 0 ? "running" : state;
}
