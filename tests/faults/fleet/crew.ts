import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { signal, workersOf } from "../outlive/processes.ts";
import { eventually, filesIn } from "../session-under-test.ts";

type Role = "client" | "supervisor";

/** Whom the kills hit, by chance. */
const victims = ["worker", "worker", "worker", "client", "supervisor"] as const;

/** Those who work on one session of a directory, and who comes in the place of whom. */
export class Crew {
  readonly session: string;
  readonly #path: string;
  /** From 0 to 1. */
  readonly #random: () => number;
  readonly #own: Record<Role, ChildProcess>;

  private constructor(path: string, session: string, client: ChildProcess, random: () => number) {
    this.session = session;
    this.#path = path;
    this.#random = random;
    this.#own = { client, supervisor: hand("supervisor", path, session) };
  }

  /** A client opens the session; who keeps its workers comes as well. */
  static async begin(path: string, random: () => number): Promise<Crew> {
    const client = hand("client", path);
    const [said] = (await once(client.stdout ?? client, "data")) as [Buffer];
    return new Crew(path, said.toString().trim(), client, random);
  }

  /** Kills one of them, after as much as chance says was born, leased and committed. Returns how many were hit. */
  async kill(): Promise<number> {
    const due = this.#happened() + Math.floor(this.#random() * 6);
    await eventually("Something in the session", () => this.#happened() >= due || workersOf(this.session).length === 0);
    const victim = victims[Math.floor(this.#random() * victims.length)] ?? "worker";
    const workers = workersOf(this.session);
    const worker = workers[Math.floor(this.#random() * workers.length)];
    if (victim === "worker" && worker !== undefined) return Number(signal(worker, "SIGKILL"));
    // Without a worker there may be nothing left to do: the next client brings more.
    return this.#replace(victim === "worker" ? "client" : victim);
  }

  /** Nobody but its workers is left. */
  async abandon(): Promise<void> {
    await Promise.all(Object.values(this.#own).map(end));
  }

  async #replace(role: Role): Promise<number> {
    const hit = await end(this.#own[role]);
    this.#own[role] = hand(role, this.#path, this.session);
    return Number(hit);
  }

  #happened(): number {
    const root = join(this.#path, "s", this.session);
    return ["born", "lease", "done"].reduce((sum, folder) => sum + filesIn(join(root, folder)).length, 0);
  }
}

/** Whether it was alive. */
async function end(process: ChildProcess): Promise<boolean> {
  if (process.exitCode !== null || process.signalCode !== null) return false;
  const ended = once(process, "exit");
  process.kill("SIGKILL");
  await ended;
  return true;
}

function hand(role: Role, ...args: readonly string[]): ChildProcess {
  const program = fileURLToPath(new URL("../programs/fleet-hand.mjs", import.meta.url));
  // What a client says of sessions that are paused, or removed under its hands, is not what is looked at here.
  return spawn(process.execPath, [program, role, ...args], { stdio: ["ignore", "pipe", "ignore"] });
}
