import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What the rules look at: one package as it is after a build. Paths are relative to the package, with `/`. */
export interface PackageTree {
  /** The directory below `packages`. */
  readonly directory: string;
  readonly manifest: Manifest;
  /** Every text of ours: sources, tests, README, configuration of the build. */
  readonly texts: ReadonlyMap<string, string>;
  /** Every file that the build made, with its text. */
  readonly built: ReadonlyMap<string, string>;
}

export interface Manifest {
  /** Packages that are put into the library when it is built. */
  readonly inlined?: readonly string[];
  readonly name?: string;
  readonly version?: string;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly files?: readonly string[];
  readonly engines?: { readonly node?: string };
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Every package of the directory `packages`, in order of name. */
export function readPackages(packages: string): readonly PackageTree[] {
  const directories = readdirSync(packages).filter((name) => isFile(join(packages, name, "package.json")));
  return directories.toSorted().map((directory) => readPackage(join(packages, directory), directory));
}

function readPackage(root: string, directory: string): PackageTree {
  const all = filesBelow(root, "");
  const ours = all.filter((path) => !path.startsWith("dist/") && /\.(ts|mts|md|json)$/.test(path));
  return {
    directory,
    manifest: JSON.parse(readFileSync(join(root, "package.json"), "utf8")),
    texts: readAll(root, ours),
    built: readAll(
      root,
      all.filter((path) => path.startsWith("dist/")),
    ),
  };
}

function readAll(root: string, paths: readonly string[]): ReadonlyMap<string, string> {
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

function filesBelow(root: string, below: string): string[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.name === "node_modules" || entry.name.startsWith(".")) return [];
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
