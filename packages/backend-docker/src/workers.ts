import type { WorkerStatus } from "@skyburst/core";
import type { ContainerInfo } from "dockerode";
import type { Engine } from "./engine.ts";
import { statusOf as httpStatus } from "./errors.ts";
import { statusListed, statusOf } from "./exit.ts";
import { Frames } from "./frames.ts";
import { labelIn, MANAGED, SESSION, WORKER } from "./label.ts";
import type { Label } from "./label.ts";

/** The containers of workers, as the engine tells of them: nothing is remembered but who was asked to end. */
export class Workers {
  readonly #engine: Engine;
  readonly #asked = new Set<string>();
  /** What ended changes no more. */
  readonly #ended = new Map<string, WorkerStatus>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @param ended Workers that an event says have ended: their end may not stand in the engine's list yet. */
  async list(sessionId: string, ended?: ReadonlySet<string>): Promise<readonly WorkerStatus[]> {
    const found = await this.#find([MANAGED, `${SESSION}=${sessionId}`]);
    const statuses = await Promise.all(found.map((container) => this.#statusOf(container, ended)));
    return statuses.filter((status) => status !== undefined).sort((a, b) => a.launch - b.launch || a.slot - b.slot);
  }

  /** Its end was seen here: its name may be free again, and is not to be used for a second life. */
  hasEnded(id: string): boolean {
    return this.#ended.has(id);
  }

  /** Workers with this label, however they are. @param running Only those that start or run. */
  async labels(label: string, running = false): Promise<readonly Label[]> {
    const found = await this.#find([MANAGED, label], running ? living : undefined);
    return found.map(({ Labels }) => labelIn(Labels)).filter((known) => known !== undefined);
  }

  /** SIGTERM, and SIGKILL after the grace time: the engine sees to both, so that whoever asks may go. */
  async stop(id: string, grace: number): Promise<void> {
    this.#asked.add(id);
    const stopping = this.#engine.ask((client) => client.getContainer(id).stop({ t: Math.ceil(grace / 1000) }));
    const settled = stopping.catch(async (error: unknown) => {
      // Not there, ended already, or being removed.
      if (![304, 404, 409].includes(httpStatus(error) ?? 0)) throw error;
      if (httpStatus(error) === 304) await this.#removeUnborn(id);
    });
    await Promise.race([settled, taken()]);
    settled.catch(ignore);
  }

  /** A container that has ended, and whose end was told. Returns whether it is gone, or going. */
  async remove(id: string): Promise<boolean> {
    try {
      await this.#engine.ask((client) => client.getContainer(id).remove({ v: true, force: true }));
      return true;
    } catch (error) {
      // Not there any more, or being removed. What the engine can't do now it may do later: nothing is lost by that.
      if (httpStatus(error) === undefined) throw error;
      return [404, 409].includes(httpStatus(error) ?? 0);
    }
  }

  /** Removes what ended long ago, and whose end nobody came for: who launched it is no more. */
  async tidy(now: number): Promise<void> {
    const ended = await this.#find([MANAGED], ["exited", "dead", "created"]);
    for (const { Id, Created: created } of ended) {
      if (now - created * 1000 <= keptFor) continue;
      const { State, Created } = await this.#engine.ask((client) => client.getContainer(Id).inspect());
      const last = Math.max(Date.parse(State.FinishedAt) || 0, Date.parse(Created));
      if (now - last > keptFor) await this.remove(Id);
    }
  }

  /** The last of what the worker's own process printed. */
  async logs(id: string): Promise<string> {
    try {
      const bytes = await this.#engine.ask((client) =>
        client.getContainer(id).logs({ stdout: true, stderr: true, follow: false, tail: mostLines }),
      );
      return new Frames().take(bytes).slice(-mostText);
    } catch (error) {
      if (httpStatus(error) === 404 || httpStatus(error) === 409) return "";
      throw error;
    }
  }

  /** Whoever created it did not live to start it: an engine ends what runs, and nothing else. */
  async #removeUnborn(id: string): Promise<void> {
    const [unborn] = await this.#find([`${WORKER}=${id}`], ["created"]);
    if (unborn) await this.remove(id);
  }

  #find(label: readonly string[], status?: readonly string[]): Promise<ContainerInfo[]> {
    const filters = { label: [...label], ...(status ? { status: [...status] } : {}) };
    return this.#engine.ask((client) => client.listContainers({ all: true, filters }));
  }

  /** An engine that starts or ends a container says no more of it meanwhile than what stands in the list. */
  async #statusOf(container: ContainerInfo, ended?: ReadonlySet<string>): Promise<WorkerStatus | undefined> {
    const label = labelIn(container.Labels);
    if (!label) return undefined;
    const listed = ended?.has(label.id) ? undefined : statusListed(label, container);
    const known = this.#ended.get(label.id) ?? listed;
    if (known) return known;
    try {
      const found = await this.#engine.ask((client) => client.getContainer(label.id).inspect());
      const status = statusOf(label, found, this.#asked.has(label.id));
      if (status.state === "exited") this.#ended.set(label.id, status);
      return status;
    } catch (error) {
      // Removed since it was listed.
      if (httpStatus(error) === 404) return undefined;
      throw error;
    }
  }
}

const living = ["created", "running", "paused", "restarting"] as const;

/** Milliseconds for which a container is kept that has ended, for whoever asks how. */
const keptFor = 600_000;

const mostLines = 4000;
const mostText = 65_536;

/** An engine that has a request begins with it at once, and answers when the container has ended. */
const untilTaken = 500;

function taken(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, untilTaken).unref());
}

function ignore(): void {
  // Whoever asked has gone on; a container that does not end is seen in the next list.
}
