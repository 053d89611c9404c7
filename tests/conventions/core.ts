import { importsOf, packageOf } from "./imports.ts";
import type { PackageTree } from "./package-tree.ts";

const BUNDLE = "@skyburst/bundle";
const SDK = /^(@aws-sdk|@smithy|@kubernetes|@azure|@google-cloud)\/|^(dockerode|ioredis|pg|execa)$/;
const IO = /^node:(fs|net|tls|dgram|http|https|http2|child_process|cluster|worker_threads)(\/|$)/;

// The one file that is named by a path: a worker program, which a store's package brings and a launch must hash.
const EDGES: Readonly<Record<string, string>> = { "src/session/program.ts": "node:fs" };

/** Core knows no backend, no store and no SDK, and does no input or output of its own. */
export function coreProblems(tree: PackageTree): readonly string[] {
  if (tree.directory !== "core") return [];
  return [...tree.texts]
    .filter(([path]) => path.startsWith("src/") && /(?<!\.test)(?<!\.test-d)\.ts$/.test(path))
    .flatMap(([path, text]) =>
      importsOf(path, text).flatMap(({ specifier, kind }) => {
        const name = packageOf(specifier);
        if (name?.startsWith("@skyburst/") && name !== BUNDLE && name !== tree.manifest.name) {
          return [`${path} imports ${name}: core knows no other package`];
        }
        // Those who run commands and prebuilt programs must not pay for the bundler.
        if (name === BUNDLE && kind === "static") return [`${path} imports ${BUNDLE} when it starts`];
        if (SDK.test(specifier)) return [`${path} imports the SDK ${specifier}`];
        if (IO.test(specifier) && EDGES[path] !== specifier)
          return [`${path} imports ${specifier}: core has no I/O of its own`];
        return [];
      }),
    );
}
