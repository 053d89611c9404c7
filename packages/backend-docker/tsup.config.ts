import type { Plugin } from "esbuild";
import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

/**
 * dockerode is put in, without what nothing here uses: its own way over ssh, which is most of what loading it takes and wants to be
 * compiled, the gRPC of its BuildKit sessions, and the packing of what an image is built from. Streams are Node's own.
 */
const withoutExtras: Plugin = {
  name: "without-extras",
  setup(build) {
    build.onResolve(
      { filter: /^(ssh2|protobufjs|\.\/session|tar-fs|@balena\/dockerignore|debug)$/ },
      ({ path, importer }) => (isOfDockerode(importer) ? { path, namespace: "nothing" } : undefined),
    );
    build.onResolve({ filter: /^readable-stream$/ }, ({ importer }) =>
      isOfDockerode(importer) ? { path: "node:stream", external: true } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "nothing" }, ({ path }) => ({
      contents: path === "debug" ? "module.exports = () => () => {};" : "module.exports = {};",
    }));
  },
};

function isOfDockerode(importer: string): boolean {
  return /[\\/](docker-modem|dockerode)[\\/]/.test(importer);
}

export default defineConfig(
  library(
    { index: "src/index.ts" },
    {
      noExternal: ["dockerode"],
      esbuildPlugins: [withoutExtras],
      // What was CommonJS asks for Node's own modules by `require`.
      banner: {
        js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
      },
    },
  ),
);
