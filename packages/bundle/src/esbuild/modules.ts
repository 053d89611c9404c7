export interface ModuleStart {
  readonly offset: number;
  /** Relative to the directory that esbuild ran in. */
  readonly path: string;
}

/**
 * Where each module's code begins in a bundle that isn't minified: esbuild names the module in a comment above. A line of a template
 * string may look alike, so a path from here is to be believed only if there is such a file. (A metafile would say it as well, for
 * two files on disk with every bundle; and the source map names what a module was itself compiled from.)
 */
export function moduleStarts(output: string): ModuleStart[] {
  return [...output.matchAll(/^\/\/ (.+)$/gm)].map(({ index, 1: path = "" }) => ({ offset: index, path }));
}
