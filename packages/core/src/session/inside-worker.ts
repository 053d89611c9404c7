import { SkyburstError } from "../errors.ts";

/** The first program that people write, task and `open` in one module, would open a session in each of its workers. */
export function insideWorker(): SkyburstError {
  return new SkyburstError(
    "inside-worker",
    "This module calls open() as soon as it is loaded, and workers load it to find the task. Move the task into a module of its own (task.ts) and import it where open() is called (main.ts).",
  );
}
