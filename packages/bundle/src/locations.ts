import { SourceMap } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * What a module may ask about its own place, and what stands for it while esbuild runs. The bundle has one `import.meta`, but a
 * module must get its own original place, or `new URL("./table.csv", import.meta.url)` would look into the worker's cache. esbuild
 * puts in one name for all modules; afterwards the source map tells which module each occurrence came from.
 */
const KINDS = { url: "url", dirname: "dir", filename: "file" } as const;
type Kind = keyof typeof KINDS;

const unsettled = (kind: Kind) => `$skyburst_${KINDS[kind]}_000000`;

export const LOCATION_DEFINES: readonly string[] = [
  `--define:import.meta.url=${unsettled("url")}`,
  `--define:import.meta.dirname=${unsettled("dirname")}`,
  `--define:import.meta.filename=${unsettled("filename")}`,
  `--define:__dirname=${unsettled("dirname")}`,
  `--define:__filename=${unsettled("filename")}`,
];

const UNSETTLED = /\$skyburst_(url|dir|file)_000000(?![\w$])/g;

const MAP_COMMENT = "//# sourceMappingURL=data:application/json;base64,";

export interface Settled {
  readonly text: string;
  /** Statements that declare the names that `text` uses. */
  readonly declarations: readonly string[];
}

/** Gives each stand-in the place of its own module. New names are as long as the old: the source map's columns stay true. */
export function settleLocations(text: string, origin: string): Settled {
  if (text.search(UNSETTLED) === -1) return { text, declarations: [] };
  const sourceAt = originalSources(text, origin);
  const declarations = new Map<string, string>();
  const settled = text.replace(UNSETTLED, (_, kind: string, offset: number) => {
    const value = placeOf(kind, sourceAt(offset));
    const name =
      declarations.get(`${kind} ${value}`) ?? `$skyburst_${kind}_${String(declarations.size + 1).padStart(6, "0")}`;
    declarations.set(`${kind} ${value}`, name);
    return name;
  });
  return {
    text: settled,
    declarations: [...declarations].map(
      ([key, name]) => `const ${name} = ${JSON.stringify(key.slice(key.indexOf(" ") + 1))};`,
    ),
  };
}

function placeOf(kind: string, url: string): string {
  if (kind === "url" || !url.startsWith("file:")) return url;
  return kind === "file" ? fileURLToPath(url) : dirname(fileURLToPath(url));
}

function originalSources(text: string, origin: string): (offset: number) => string {
  const comment = text.lastIndexOf(MAP_COMMENT);
  const payload = JSON.parse(Buffer.from(text.slice(comment + MAP_COMMENT.length), "base64").toString()) as MapPayload;
  const map = new SourceMap(payload);
  const lineStarts = startsOfLines(text.slice(0, comment));
  return (offset) => {
    const line = lineStarts.findLastIndex((start) => start <= offset);
    const entry = map.findEntry(line, offset - (lineStarts[line] ?? 0));
    return "originalSource" in entry ? new URL(entry.originalSource, payload.sourceRoot).href : origin;
  };
}

type MapPayload = ConstructorParameters<typeof SourceMap>[0];

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
