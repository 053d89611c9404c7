import type { LaunchResult, Refusal, WorkerExit } from "../../backend.ts";
import { parseJson } from "../../protocol/lines.ts";
import type { LaunchFact } from "../supervise/launch/launch-fact.ts";
import type { SessionEvent } from "./event.ts";
import type { Found } from "./found.ts";
import { isWorker, workerName } from "./worker-name.ts";

type FleetFact = Exclude<Found, { readonly kind: "entry" | "lease" | "commit" }>;

/** What a fact about workers, or about who supervises, says. Of a birth the name says it all. */
export function tellFleet({ kind, id, at }: FleetFact, body: Uint8Array | undefined): SessionEvent[] {
  if (kind === "birth") return [{ type: "born", at, worker: workerName(id) }];
  if (!body) return [];
  const said = parseJson(body);
  switch (kind) {
    case "supervisor":
      return [{ type: "supervised", at, client: (said as { readonly owner: string }).owner, epoch: id }];
    case "launch": {
      const { count, workers, because, backend, by, spec } = said as LaunchFact;
      const size = spec?.memory === undefined ? {} : { memory: spec.memory };
      return [{ type: "wave", at, launch: id, count, fleet: workers, ...size, because, backend, client: by }];
    }
    case "answer":
      return tellAnswer(said as LaunchResult, id, at);
    case "exit":
      return tellExits(said as ExitFact, id, at);
    case "gone":
      return tellGone(said as GoneFact, id, at);
  }
}

/** Refusals for one reason are one event, however many slots there are. */
function tellAnswer({ started, refused }: LaunchResult, launch: number, at: number): SessionEvent[] {
  const events: SessionEvent[] = [];
  if (started.length > 0) events.push({ type: "started", at, launch, workers: started });
  const groups = new Map<string, Refusal[]>();
  for (const refusal of refused) {
    const reason = `${refusal.kind} ${refusal.message}`;
    groups.set(reason, [...(groups.get(reason) ?? []), refusal]);
  }
  for (const group of groups.values()) {
    const slots = group.map(({ slot }) => slot);
    const [{ kind, message, retryAfter }] = group as [Refusal];
    events.push({
      type: "refused",
      at,
      launch,
      slots,
      kind,
      message,
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
  }
  return events;
}

/** Body of `exit/`: what the provider doesn't tell is null, or left out. */
type ExitFact = Pick<WorkerExit, "reason"> & { readonly id: string } & {
  readonly [Field in "code" | "memory" | "startedAt" | "stoppedAt"]?: number | null;
} & { readonly signal?: string | null };

function tellExits(
  { more = [], ...own }: ExitFact & { more?: (ExitFact & { slot: number })[] },
  name: string,
  at: number,
) {
  const launch = Number.parseInt(name, 10);
  return [tellExit(own, name, at), ...more.map(({ slot, ...one }) => tellExit(one, `${launch}.${slot}`, at))];
}

function tellExit({ id, reason, code, signal, memory, startedAt, stoppedAt }: ExitFact, name: string, at: number) {
  return {
    type: "exited" as const,
    at,
    process: workerName(name),
    id,
    reason,
    ...(typeof code === "number" ? { code } : {}),
    ...(typeof signal === "string" ? { signal } : {}),
    ...(typeof memory === "number" ? { memory } : {}),
    ...(typeof startedAt === "number" ? { startedAt } : {}),
    ...(typeof stoppedAt === "number" ? { stoppedAt } : {}),
  };
}

/** Body of `gone/`. */
interface GoneFact {
  readonly reason: string;
  readonly needs?: number;
  readonly message?: string;
  readonly code?: number | string | null;
  readonly by: string;
}

/** Of a client that only gave back what it had leased to cancel it, nothing is told: it never kept up workers. */
function tellGone({ reason, needs, message, code, by }: GoneFact, id: string, at: number): SessionEvent[] {
  const worker = workerName(id);
  if (isWorker(id))
    return [
      {
        type: "gone",
        at,
        worker,
        reason,
        ...(needs === undefined ? {} : { needs }),
        ...(code === undefined || code === null ? {} : { code }),
        by: workerName(by),
      },
    ];
  if (reason === "stopped") return [];
  return [{ type: "unsupervised", at, client: id, reason, ...(message === undefined ? {} : { message }) }];
}
