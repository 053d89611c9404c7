import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import { posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import type { Engine } from "../engine.ts";
import { statusOf } from "../errors.ts";
import { withContainer } from "./container.ts";

/** Files of an image, read through a container that is never started. */
export class ImageFiles {
  readonly #engine: Engine;
  readonly #container: string;

  private constructor(engine: Engine, container: string) {
    this.#engine = engine;
    this.#container = container;
  }

  static async read<T>(engine: Engine, image: string, reading: (files: ImageFiles) => Promise<T>): Promise<T> {
    return await withContainer(engine, image, undefined, (id) => reading(new ImageFiles(engine, id)));
  }

  /** Saves the first of these that is there, links followed. Returns whether there was one. */
  async save(paths: readonly string[], to: string): Promise<boolean> {
    for (const path of paths) {
      const file = await this.#follow(path);
      if (file === undefined) continue;
      await this.#copy(file, to);
      return true;
    }
    return false;
  }

  async #follow(path: string): Promise<string | undefined> {
    let at = path;
    for (let link = 0; link < mostLinks; link++) {
      const target = await this.#linkAt(at);
      if (target === undefined || target === "") return target === undefined ? undefined : at;
      at = posix.resolve(posix.dirname(at), target);
    }
    return undefined;
  }

  /** Where a link leads; empty when it is none; undefined when nothing is there. */
  async #linkAt(path: string): Promise<string | undefined> {
    try {
      const options = { path };
      const answer = await this.#engine.ask((client) => client.getContainer(this.#container).infoArchive(options));
      // What is not read to its end keeps its connection, and so this process.
      answer.resume();
      const stat = (answer as IncomingMessage).headers["x-docker-container-path-stat"];
      const { linkTarget = "" } = JSON.parse(Buffer.from(String(stat), "base64").toString()) as { linkTarget?: string };
      return linkTarget;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async #copy(path: string, to: string): Promise<void> {
    const archive = await this.#engine.ask((client) => client.getContainer(this.#container).getArchive({ path }));
    const files = extract();
    const saved = (async () => {
      for await (const entry of files) {
        if (entry.header.type === "file") await pipeline(entry, createWriteStream(to));
        else entry.resume();
      }
    })();
    await Promise.all([pipeline(archive, files), saved]);
  }
}

/** As many as a kernel follows. */
const mostLinks = 40;
