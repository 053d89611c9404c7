import type { Plugin } from "esbuild";
import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

/**
 * dockerode is put in, without what nothing here uses: its own way over ssh, which is most of what loading it takes and wants to be
 * compiled, and the gRPC of its BuildKit sessions.
 */
const withoutExtras: Plugin = {
  name: "without-extras",
  setup(build) {
    build.onResolve({ filter: /^(ssh2|protobufjs|\.\/session)$/ }, ({ path, importer }) =>
      /[\\/](docker-modem|dockerode)[\\/]/.test(importer) ? { path, namespace: "nothing" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "module.exports = {};" }));
  },
};

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
