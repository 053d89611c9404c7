import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { CliError } from "./errors.ts";

/** The function that FILE#EXPORT names. */
export function taskNamed(task: string): { readonly url: string; readonly export: string } {
  const at = task.lastIndexOf("#");
  const file = at < 0 ? task : task.slice(0, at);
  const name = at < 0 ? "" : task.slice(at + 1);
  if (name === "")
    throw new CliError("usage", `${task}: name the function as FILE#EXPORT, for example ${file}#default.`);
  if (!existsSync(file)) throw new CliError("usage", `${file}: there is no such file.`);
  return { url: pathToFileURL(file).href, export: name };
}
