/** The directory of the package that a file under `node_modules` belongs to. */
export function packageDirectory(path: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/@.][^\\/]*/.exec(path)?.[0];
}

/** `@scope/pkg` of `@scope/pkg/fast`; nothing for paths. */
export function packageName(specifier: string): string | undefined {
  return /^(?:@[^/\\]+\/)?[^/\\.@:][^/\\:]*(?=\/|$)/.exec(specifier)?.[0];
}
