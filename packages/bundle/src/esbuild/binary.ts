import { createRequire } from "node:module";
import { BundleError } from "../errors.ts";

/**
 * Path of the native binary that belongs to the installed `esbuild` package. `esbuild/bin/esbuild` isn't used: unless its
 * install script ran, it is JavaScript that starts the binary from a second Node. `ESBUILD_BINARY_PATH` wins, as with esbuild itself.
 */
export function esbuildBinary(): string {
  const override = process.env.ESBUILD_BINARY_PATH;
  if (override !== undefined && override !== "") return override;
  const platform = `@esbuild/${process.platform}-${process.arch}`;
  const path = process.platform === "win32" ? `${platform}/esbuild.exe` : `${platform}/bin/esbuild`;
  try {
    const esbuild = createRequire(import.meta.url).resolve("esbuild/package.json");
    return createRequire(esbuild).resolve(path);
  } catch (cause) {
    throw new BundleError(
      "no-bundler",
      `${platform} is not installed beside esbuild: install again on this machine, with optional dependencies, or set ESBUILD_BINARY_PATH.`,
      { cause },
    );
  }
}
