import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DockerEngine, dockerEngine } from "@skyburst/engines";
import { type Ended, start, type Started } from "../faults/outlive/command.ts";

/** Some event of a session. */
export interface ToldEvent {
  readonly type: string;
}

/** An engine, and a user's working directory beside it, in which the command is used. */
export class Stage {
  readonly engine: DockerEngine;
  /** Where the command is started. */
  readonly directory: string;
  readonly #home: string;

  static async open(): Promise<Stage> {
    return new Stage(await dockerEngine());
  }

  private constructor(engine: DockerEngine) {
    this.engine = engine;
    this.directory = mkdtempSync(join(tmpdir(), "skyburst-docker-stage-"));
    this.#home = join(this.directory, "home");
    mkdirSync(this.#home);
  }

  /** From now on the command takes a silent worker, and a silent supervisor, for lost as soon as that can be. */
  hurry(): void {
    const store = join(this.directory, ".skyburst");
    const module = JSON.stringify(import.meta.resolve("@skyburst/state-fs"));
    this.write(
      "skyburst.config.mjs",
      `const { directory } = await import([${module}].join(""));
      const plain = directory(${JSON.stringify(store)});
      const store = new Proxy(plain, {
        get(target, name) {
          if (name === "pace") return { ...target.pace, ttl: 1500 };
          const value = Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
      export default { store };\n`,
    );
  }

  /** Path of a new file. */
  write(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  /** Path of a new directory that any user of a container may write to. */
  folder(name: string): string {
    const path = join(this.directory, name);
    mkdirSync(path, { mode: 0o777 });
    return path;
  }

  /** Starts the command, whose options for containers are those of this engine. */
  start(args: readonly string[], host = this.engine.host, env: Readonly<Record<string, string>> = {}): Started {
    const desk = { directory: this.directory, home: this.#home };
    // The Node.js of workers is this one, as in other tests: to get another takes each engine some seconds.
    return start(desk, args, { DOCKER_HOST: host, SKYBURST_DOCKER_NODE: "host", ...env });
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.start(args, this.engine.host, env).ended;
  }

  /** Lines of JSON that it prints. */
  async read<T>(args: readonly string[]): Promise<readonly T[]> {
    const { stdout, stderr, code } = await this.run(args);
    if (stdout === "") throw new Error(`skyburst ${args.join(" ")} ended with ${code} and told nothing: ${stderr}`);
    return stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as T);
  }

  /** Id of the session that was begun last. */
  async newest(): Promise<string> {
    const { stdout } = await this.run(["ls"]);
    return stdout.split("\n")[1]?.split(" ", 1)[0] ?? "";
  }

  /** What happened in a session, of these types. */
  async events(session: string, ...types: readonly string[]): Promise<readonly ToldEvent[]> {
    const all = await this.read<ToldEvent>(["events", session]);
    return all.filter(({ type }) => types.includes(type));
  }

  /** Names of containers of workers, however they are. */
  async containers(): Promise<readonly string[]> {
    return this.#list("ps", "--all", "--filter", "label=skyburst:managed", "--format", "{{.Names}}");
  }

  /** @throws {Error} when anything is left but images, what the engine has by itself, and volumes of workers for further use. */
  async cleared(): Promise<void> {
    const left = await this.#left();
    if (left.length > 0) throw new Error(`This is left on the engine: ${left.join(", ")}.`);
  }

  async #left(): Promise<readonly string[]> {
    const kept = /^(bridge|host|none|skyburst-worker-[0-9a-f]{16})$/;
    const all = await Promise.all([
      this.#list("ps", "--all", "--format", "{{.Names}} {{.Status}}"),
      this.#list("volume", "ls", "--format", "{{.Name}}"),
      this.#list("network", "ls", "--format", "{{.Name}}"),
    ]);
    return all.flat().filter((name) => !kept.test(name));
  }

  /** Sessions in the usual store that have not ended. */
  async unended(): Promise<readonly string[]> {
    const sessions = await this.read<{ readonly id: string; readonly state: string }>(["ls", "--json"]);
    return sessions.filter(({ state }) => state !== "done").map(({ id, state }) => `${id} (${state})`);
  }

  async close(): Promise<void> {
    await this.engine.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #list(...args: readonly string[]): Promise<readonly string[]> {
    return (await this.engine.docker(...args)).split("\n").filter((line) => line !== "");
  }
}
