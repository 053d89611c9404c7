import { fencesOf } from "./markdown.ts";
import type { Fence } from "./markdown.ts";
import type { Page } from "./pages.ts";

/** A piece of a page that a reader would type or save. */
export interface Snippet extends Fence {
  readonly page: string;
  /** TypeScript is a file of that name, if it has one, or a script of its own. */
  readonly kind: "file" | "script" | "shell";
  /** Name of the file; that of a script is made up. */
  readonly file: string;
  /** What it has to print: the text block right below it that is marked so. */
  readonly output: string | undefined;
  /** Why it is only type-checked (a shell snippet: only looked at), as a comment above it says. */
  readonly notRun: string | undefined;
}

const languages: ReadonlyMap<string, "ts" | "js" | "sh"> = new Map([
  ["ts", "ts"],
  ["typescript", "ts"],
  ["js", "js"],
  ["javascript", "js"],
  ["mjs", "js"],
  ["sh", "sh"],
  ["bash", "sh"],
  ["shell", "sh"],
  ["console", "sh"],
]);

/**
 * The snippets of a page, in order. TypeScript whose first line is `// name.ts` is a file of that name; any other is a
 * script. Above what is not to be run stands `<!-- not run: reason -->`; `text output` below a snippet is what it prints.
 */
export function snippetsOf({ path, text }: Page): Snippet[] {
  const fences = fencesOf(text);
  return fences.flatMap((fence, n) => {
    const language = languages.get(fence.language);
    if (language === undefined) return [];
    const next = fences[n + 1];
    const output = next?.language === "text" && next.attributes === "output" ? next.text : undefined;
    const named = /^\/\/ (\S+\.[cm]?[jt]sx?)\n/.exec(fence.text)?.[1];
    const kind = language === "sh" ? "shell" : named === undefined ? "script" : "file";
    const file = named ?? `snippet-${fence.line}.${language}`;
    return [{ ...fence, page: path, kind, file, output, notRun: /^not run: (.+)$/.exec(fence.comment ?? "")?.[1] }];
  });
}
