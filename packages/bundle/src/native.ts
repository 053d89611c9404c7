import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { moduleStarts } from "./esbuild/modules.ts";
import { packageDirectory } from "./packages.ts";

/** What says in a package.json that a package finds or builds native code. */
interface Manifest {
  readonly gypfile?: unknown;
  readonly binary?: unknown;
  readonly napi?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Packages that others use to find their own native code. */
const LOADERS = [
  "bindings",
  "node-gyp-build",
  "node-gyp-build-optional-packages",
  "@mapbox/node-pre-gyp",
  "prebuild-install",
];

/** `@esbuild/linux-x64`, `foo-darwin-arm64`: one package a platform, of which npm installs the one that fits. */
const PLATFORM_PACKAGE = /(?:linux|darwin|win32).*(?:x64|arm64)/;

/** Directories of the packages in a bundle that can't be bundled, since part of them isn't JavaScript. */
export async function nativePackages(output: string, directory: string): Promise<ReadonlySet<string>> {
  const { packages, addons } = bundledPackages(output, directory);
  const native = await Promise.all(
    [...packages].map(async (at) => (addons.has(at) || (await isNative(at)) ? [at] : [])),
  );
  return new Set(native.flat());
}

function bundledPackages(output: string, directory: string) {
  const packages = new Set<string>();
  const addons = new Set<string>();
  for (const { path } of moduleStarts(output)) {
    const at = packageDirectory(resolve(directory, path));
    if (at === undefined) continue;
    packages.add(at);
    if (path.endsWith(".node")) addons.add(at);
  }
  return { packages, addons };
}

async function isNative(directory: string): Promise<boolean> {
  const manifest = await readManifest(directory);
  return (
    manifest.gypfile === true ||
    typeof manifest.binary === "object" ||
    typeof manifest.napi === "object" ||
    LOADERS.some((loader) => manifest.dependencies?.[loader] !== undefined) ||
    Object.keys(manifest.optionalDependencies ?? {}).some((name) => PLATFORM_PACKAGE.test(name)) ||
    existsSync(join(directory, "binding.gyp")) ||
    existsSync(join(directory, "prebuilds"))
  );
}

async function readManifest(directory: string): Promise<Manifest> {
  try {
    return JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as Manifest;
  } catch {
    // Not a package after all (a path in a string, a zip of yarn's): nothing speaks for native code.
    return {};
  }
}
