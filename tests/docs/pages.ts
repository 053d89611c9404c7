import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** A page of documentation. */
export interface Page {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** Every page whose snippets people copy. */
export function pages(): Page[] {
  const packages = readdirSync(join(repository, "packages")).map((name) => `packages/${name}/README.md`);
  const guides = readdirSync(join(repository, "docs"), { recursive: true, encoding: "utf8" }).map(
    (name) => `docs/${name}`,
  );
  const paths = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "apps/examples/README.md", ...packages, ...guides];
  // That a page is there at all is asked for elsewhere.
  const present = paths.filter((path) => path.endsWith(".md") && existsSync(join(repository, path)));
  return present.toSorted().map((path) => ({ path, text: readFileSync(join(repository, path), "utf8") }));
}
