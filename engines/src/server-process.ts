import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";

export interface ServerProgram {
  /** As it is called in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Whether it answers, as what it is: another process may have taken its port. */
  readonly ready: () => Promise<boolean>;
}

/** A server as a child process, ended by its own id, and with this process at the latest. */
export class ServerProcess {
  readonly #program: ServerProgram;
  #child: ChildProcess | undefined;
  #said = "";

  constructor(program: ServerProgram) {
    this.#program = program;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const { name, command, args, env, cwd, ready } = this.#program;
    this.#said = "";
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    let failure: unknown;
    child.on("error", (error) => (failure = error));
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (this.#said = (this.#said + text).slice(-4000)));
    process.once("exit", this.#end);
    const deadline = performance.now() + START;
    while (!(await ready().catch(() => false))) {
      if (failure !== undefined || child.exitCode !== null || performance.now() > deadline) {
        await this.end("SIGKILL");
        throw new Error(`${name} did not start on its port.\n${this.#said}`, { cause: failure });
      }
      await setTimeout(LOOK);
    }
  }

  /** Resolves when the process is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    process.removeListener("exit", this.#end);
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }

  readonly #end = () => void this.#child?.kill("SIGKILL");
}

/** Milliseconds. The slowest start, of an interpreter on a busy machine, takes some seconds. */
const START = 60_000;
const LOOK = 20;
