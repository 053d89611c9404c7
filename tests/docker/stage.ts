import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DockerEngine, dockerEngine } from "@skyburst/engines";
import { type Ended, run, start, type Started } from "../faults/outlive/command.ts";

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
  start(args: readonly string[], host = this.engine.host): Started {
    return start({ directory: this.directory, home: this.#home }, args, { DOCKER_HOST: host });
  }

  run(args: readonly string[]): Promise<Ended> {
    return run({ directory: this.directory, home: this.#home }, args, { DOCKER_HOST: this.engine.host });
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

  /** Names of containers of workers, however they are. */
  async containers(...filters: readonly string[]): Promise<readonly string[]> {
    const more = filters.flatMap((filter) => ["--filter", filter]);
    return this.#list("ps", "--all", "--filter", "label=skyburst:managed", ...more, "--format", "{{.Names}}");
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

  async close(): Promise<void> {
    await this.engine.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #list(...args: readonly string[]): Promise<readonly string[]> {
    return (await this.engine.docker(...args)).split("\n").filter((line) => line !== "");
  }
}
