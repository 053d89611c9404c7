import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./pages.ts";

/** Commands of a shell snippet, without comments. */
export function commandsOf(text: string): string[] {
  return text
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.replace(/(^|\s)#\s.*$/, "").trim())
    .filter((line) => line !== "");
}

/** What works on this repository as a whole, or installs: it is looked at, and not run. */
export function isOfRepository(command: string): boolean {
  return /^(npx -y pnpm@12|pnpm|\.ci\/run|npm (install|i))\b/.test(command);
}

/** What is wrong with such a command: a script, a package or a path that does not exist. */
export function problemOf(command: string): string | undefined {
  const words = command.split(/\s+/).map((word) => word.replaceAll(/^"|"$/g, ""));
  if (words[0] === "npm") return missingPackage(words.slice(2));
  if (command.startsWith(".ci/run")) return existsSync(join(repository, ".ci/run")) ? undefined : "there is no .ci/run";
  return missingScript(words.slice(words[0] === "npx" ? 3 : 1));
}

function missingPackage(words: readonly string[]): string | undefined {
  const names = words.filter((word) => !word.startsWith("-"));
  const unknown = names.find((name) => !workspace().has(name) && !catalog().includes(`\n  ${name}:`));
  return unknown && `no package of the workspace or its catalog is called ${unknown}`;
}

function missingScript(words: readonly string[]): string | undefined {
  const [first = "", ...rest] = words;
  if (first === "--filter") return missingIn(workspace().get(rest[0] ?? ""), rest[1] ?? "", rest[0] ?? "");
  if (first === "exec")
    return rest.filter((word) => word.includes("/")).find((path) => !existsSync(join(repository, path)));
  if (first === "install" || first === "changeset") return undefined;
  return missingIn(manifestAt(""), first, "the root");
}

function missingIn(manifest: Manifest | undefined, script: string, name: string): string | undefined {
  if (!manifest) return `there is no package ${name}`;
  return manifest.scripts?.[script] === undefined ? `${name} has no script ${script}` : undefined;
}

interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
}

function workspace(): Map<string, Manifest> {
  const folders = ["packages", "apps"].flatMap((parent) =>
    readdirSync(join(repository, parent)).map((name) => `${parent}/${name}`),
  );
  return new Map([...folders, "bench", "tests"].map(manifestAt).map((manifest) => [manifest.name, manifest]));
}

function manifestAt(folder: string): Manifest {
  return JSON.parse(readFileSync(join(repository, folder, "package.json"), "utf8")) as Manifest;
}

function catalog(): string {
  return readFileSync(join(repository, "pnpm-workspace.yaml"), "utf8").replaceAll('"', "");
}
