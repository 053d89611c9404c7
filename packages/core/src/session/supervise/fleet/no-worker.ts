import type { Backend, Refusal } from "../../../backend.ts";
import { durationInWords } from "../../../duration-in-words.ts";
import { SkyburstError } from "../../../errors.ts";

/** Refusals that waiting does not mend, and what does. */
const remedies: Readonly<Partial<Record<Refusal["kind"], string>>> = {
  image: "Name an image that exists for the workers' platform and that they may pull: spec.image.",
  permission: "Give the credentials that are in use here the right to do it, or use others.",
  option: "Change that option of the backend, or of spec, and run it again.",
};

/** Asking again does not help. */
export function isLasting({ kind }: Refusal): boolean {
  return remedies[kind] !== undefined;
}

/** For a refusal that nothing mends but its reader. */
export function refusedForGood({ name }: Backend, { kind, message }: Refusal): SkyburstError {
  return new SkyburstError(
    "workers",
    `No worker can be started on ${name}: ${ended(message)} ${remedies[kind] ?? ""}`.trim(),
  );
}

/** What was refused last. */
export interface LastRefusal {
  readonly kind: Refusal["kind"];
  readonly message: string;
  readonly refused: number;
  readonly asked: number;
}

/** Nobody came to work within the time for it: all that is known of why. One call of the provider, and one for what a worker said. */
export async function nobodyStarted(
  backend: Backend,
  session: string,
  limit: number,
  refusal: LastRefusal | undefined,
): Promise<SkyburstError> {
  const statuses = await backend.list(session).catch(() => []);
  const states = new Map<string, number>();
  for (const { state, exit } of statuses) {
    const told = exit ? `${state} (${exit.reason})` : state;
    states.set(told, (states.get(told) ?? 0) + 1);
  }
  const newest = statuses.at(-1);
  const said = newest && (await backend.logs?.(newest.id).catch(() => ""))?.trim();
  const parts = [
    `No worker came to work on ${backend.name} within ${durationInWords(limit / 1000)}.`,
    refusal &&
      ended(`${refusal.refused} of ${refusal.asked} were refused last, for ${refusal.kind}: ${refusal.message}`),
    states.size > 0 && `The backend says: ${[...states].map(([state, count]) => `${count} ${state}`).join(", ")}.`,
    said && ended(`One of them said: ${said.slice(-2000)}`),
    "Mend that, or give more time by the session's startTimeout.",
  ];
  return new SkyburstError("workers", parts.filter(Boolean).join(" "));
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
