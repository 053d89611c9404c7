import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { moduleStarts } from "./esbuild/modules.ts";

/**
 * What a module may ask about its own place, and what stands for it while esbuild runs. The bundle has one `import.meta`, but a
 * module must get its own original place, or `new URL("./table.csv", import.meta.url)` would look into the worker's cache. esbuild
 * puts in one name for all modules; afterwards each occurrence gets the place of the module that it stands in.
 */
const unsettled = (kind: keyof typeof PLACES) => `$skyburst_${kind}_000000`;

const UNSETTLED = /\$skyburst_(url|dir|file)_000000(?![\w$])/g;

const PLACES = {
  url: (file: string) => pathToFileURL(file).href,
  dir: (file: string) => dirname(file),
  file: (file: string) => file,
} as const;

export const LOCATION_DEFINES: readonly string[] = [
  `--define:import.meta.url=${unsettled("url")}`,
  `--define:import.meta.dirname=${unsettled("dir")}`,
  `--define:import.meta.filename=${unsettled("file")}`,
  `--define:__dirname=${unsettled("dir")}`,
  `--define:__filename=${unsettled("file")}`,
];

export interface Settled {
  readonly text: string;
  /** Statements that declare the names that `text` uses. */
  readonly declarations: readonly string[];
}

/** Gives each stand-in the place of its own module. New names are as long as the old: the source map's columns stay true. */
export function settleLocations(text: string, directory: string): Settled {
  if (text.search(UNSETTLED) === -1) return { text, declarations: [] };
  const fileAt = moduleFiles(text, directory);
  const names = new Map<string, string>();
  const settled = text.replace(UNSETTLED, (_, kind: keyof typeof PLACES, offset: number) => {
    const value = JSON.stringify(PLACES[kind](fileAt(offset)));
    const name = names.get(kind + value) ?? `$skyburst_${kind}_${String(names.size + 1).padStart(6, "0")}`;
    names.set(kind + value, name);
    return name;
  });
  return {
    text: settled,
    declarations: [...names].map(([key, name]) => `const ${name} = ${key.slice(key.indexOf('"'))};`),
  };
}

/** For rising offsets, the file of the module that stands there. */
function moduleFiles(text: string, directory: string): (offset: number) => string {
  const starts = moduleStarts(text);
  let next = 0;
  let file = directory;
  return (offset) => {
    for (let start = starts[next]; start !== undefined && start.offset <= offset; start = starts[++next]) {
      const path = resolve(directory, start.path);
      if (existsSync(path)) file = path;
    }
    return file;
  };
}
