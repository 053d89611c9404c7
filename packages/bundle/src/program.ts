import { createHash } from "node:crypto";

/**
 * One ESM module, complete but for {@link Program.externals}, whose export `task` is the user's function.
 * The same sources at the same place give the same bytes, hence the same `sha256`.
 */
export interface Program {
  /** Of {@link Program.bytes}, in lower-case hex. */
  readonly sha256: string;
  /** UTF-8 source text, its source map inline. */
  readonly bytes: Uint8Array;
  /** Packages that can't be bundled. The program asks for them where it runs, through `@skyburst/bundle/external`. Sorted. */
  readonly externals: readonly string[];
  /** What esbuild found odd, one line each, with file, line and column where it names them. */
  readonly warnings: readonly string[];
}

export function program(text: string, externals: readonly string[] = [], warnings: readonly string[] = []): Program {
  const bytes = new TextEncoder().encode(text);
  return { sha256: createHash("sha256").update(bytes).digest("hex"), bytes, externals, warnings };
}
