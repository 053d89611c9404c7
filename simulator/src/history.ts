import type { Played } from "./player.ts";

/** Lines of a violation's history that are told. */
const most = 40;

/** What led to the first violation, from the trace: all that speaks of the same chunk, launch, worker or task. */
export function historyOf({ violations, trace }: Pick<Played, "violations" | "trace">): string {
  const [violation = ""] = violations;
  const end = trace.findIndex((line) => line.includes("VIOLATION"));
  const before = end < 0 ? trace : trace.slice(0, end);
  const names = namesIn(violation.split("\n")[0] ?? "");
  const about = names.length === 0 ? before : before.filter((line) => names.some((name) => line.includes(name)));
  return about.slice(-most).join("\n");
}

function namesIn(text: string): string[] {
  const chunks = [...text.matchAll(/\b\d{7}\.\d{3}\b/g)].map(([name]) => name);
  const others = [...text.matchAll(/\b(?:task|index) \d+\b|\bw\d+\b|\blaunch\/\d+/g)].map(([name]) => name);
  return [...new Set(chunks.length > 0 ? chunks : others)];
}
