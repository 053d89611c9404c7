import { readFile, rename } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Plugin } from "esbuild";
import type { Patch } from "./rules.ts";

const root = new URL("../../", import.meta.url);
let drafts = 0;

/**
 * Builds the player: all that runs in a simulation as one file, which is twice as fast as modules that a loader translates.
 *
 * @param patches A bug as it would stand in the code: each text, which has to be there exactly once, replaced by another.
 * @returns The file's path.
 */
export async function buildPlayer(name: string, patches: readonly Patch[] = []): Promise<string> {
  const outfile = fileURLToPath(new URL(`simulator/dist/${name}.mjs`, root));
  // Under its name only when it is whole: another run may be starting from it.
  const draft = `${outfile}.${process.pid}.${drafts++}`;
  await build({
    entryPoints: [fileURLToPath(new URL("player.ts", import.meta.url))],
    outfile: draft,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    tsconfig: fileURLToPath(new URL("simulator/tsconfig.json", root)),
    // The bugs have fifty players that are started once each, and only say that something is broken.
    sourcemap: patches.length > 0 ? false : "inline",
    logLevel: "warning",
    plugins: [patched(patches)],
  });
  await rename(draft, outfile);
  return outfile;
}

function patched(patches: readonly Patch[]): Plugin {
  return {
    name: "patched",
    setup({ onLoad, onEnd }) {
      const applied = new Set<Patch>();
      onLoad({ filter: /packages\/(core|worker)\/src\/.*\.ts$/ }, async ({ path }) => {
        const own = patches.filter(({ file }) => path.endsWith(`/packages/${file}`));
        if (own.length === 0) return undefined;
        let contents = await readFile(path, "utf8");
        for (const patch of own) {
          if (contents.split(patch.from).length !== 2)
            return { errors: [{ text: `${patch.file} does not hold this exactly once: ${patch.from}` }] };
          contents = contents.replace(patch.from, () => patch.to);
          applied.add(patch);
        }
        return { contents, loader: "ts" as const };
      });
      onEnd(() => {
        const missing = patches.find((patch) => !applied.has(patch));
        return missing ? { errors: [{ text: `${missing.file} is no part of what runs.` }] } : {};
      });
    },
  };
}
