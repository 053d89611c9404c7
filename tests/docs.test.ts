import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anchorsOf, linksOf } from "./docs/markdown.ts";
import { outputPattern } from "./docs/output.ts";
import { pages, repository } from "./docs/pages.ts";
import type { Page } from "./docs/pages.ts";
import { commandsOf, isOfRepository, problemOf } from "./docs/shell.ts";
import { snippetsOf } from "./docs/snippets.ts";
import type { Snippet } from "./docs/snippets.ts";
import { Workplace } from "./docs/workplace.ts";
import type { Printed } from "./docs/workplace.ts";

const all = pages();

test("every page is looked at", () => {
  const expected = [
    "README.md",
    "docs/architecture.md",
    "docs/protocol.md",
    "packages/core/README.md",
    "packages/worker/README.md",
  ];
  expect(all.map(({ path }) => path)).toEqual(expect.arrayContaining(expected));
  expect(all.flatMap(snippetsOf).length).toBeGreaterThan(20);
});

test("every file that the architecture names is there", () => {
  const page = all.find(({ path }) => path === "docs/architecture.md")?.text ?? "";
  const lost: string[] = [];
  let beside = "";
  for (const [, path = ""] of page.matchAll(/`([\w./-]+(?:\.ts|\/))`/g)) {
    const found = ["", "packages/core/src", beside].map((folder) => join(repository, folder, path)).find(existsSync);
    if (found === undefined) lost.push(path);
    else beside = relative(repository, dirname(found));
  }
  expect(page).toContain("packages/core/src/store.ts");
  expect(lost).toEqual([]);
});

/** What the compiler says of the TypeScript of all pages, each in a folder of its own. */
let types: Promise<Printed>;
let apart: Workplace;
beforeAll(() => {
  apart = new Workplace();
  writeFileSync(join(apart.path, "tsconfig.json"), JSON.stringify(configuration));
  for (const page of all)
    for (const { kind, file, text } of snippetsOf(page))
      if (kind !== "shell") apart.write({ file: join(folderOf(page), file), text: `${text}export {};\n` });
  types = apart.types();
});
afterAll(async () => {
  await Promise.allSettled([types]);
  apart.remove();
});

describe.each(all.map((page) => [page.path, page] as const))("%s", (_, page) => {
  const snippets = snippetsOf(page);

  test("links lead somewhere", () => {
    const dead = linksOf(page.text).filter((target) => !leads(page.path, target));
    expect(dead).toEqual([]);
  });

  if (snippets.length === 0) return;

  let workplace: Workplace;
  beforeAll(() => {
    workplace = new Workplace();
  });
  afterAll(() => workplace.remove());

  const typed = snippets.filter(({ kind }) => kind !== "shell");
  test.runIf(typed.length > 0)("the types of its TypeScript fit", async () => {
    const { code, stdout } = await types;
    const own = stdout.split("\n").filter((line) => line.startsWith(`${folderOf(page)}/`));
    expect(own).toEqual([]);
    // What is wrong elsewhere is told there, and what is wrong with all of it here.
    const anywhere = all.some((other) => stdout.includes(`${folderOf(other)}/`));
    expect(code === 0 || anywhere ? "" : stdout).toBe("");
  });

  test("every file has a name of its own", () => {
    const files = typed.map(({ file }) => file);
    expect(files).toEqual([...new Set(files)]);
  });

  // In the order of the page: one builds on those before.
  test.each(snippets.map((snippet) => [`line ${snippet.line} (${snippet.kind})`, snippet] as const))(
    "%s",
    { timeout: 120_000 },
    async (_, snippet) => {
      if (snippet.kind !== "shell") workplace.write(snippet);
      expect(await problemsOf(workplace, snippet)).toEqual([]);
    },
  );
});

function folderOf({ path }: Page): string {
  return path.replaceAll(/\W+/g, "-");
}

async function problemsOf(workplace: Workplace, snippet: Snippet): Promise<string[]> {
  const { kind, file, text, notRun } = snippet;
  if (kind === "file" || notRun !== undefined) return [];
  if (kind === "script") return differences(snippet, await workplace.script(file));
  const commands = commandsOf(text);
  const problems = commands.filter(isOfRepository).flatMap((command) => problemOf(command) ?? []);
  // What only works on the repository itself is not run from its own tests.
  return commands.every(isOfRepository)
    ? problems
    : [...problems, ...differences(snippet, await workplace.shell(text))];
}

function differences({ output }: Snippet, { code, stdout, stderr }: Printed): string[] {
  if (code !== 0) return [`It ended with exit code ${code}.\n${stderr}${stdout}`];
  if (output === undefined || outputPattern(output).test(stdout)) return [];
  return [`It printed\n${stdout}instead of\n${output}${stderr}`];
}

const configuration = {
  extends: join(repository, "tsconfig.base.json"),
  compilerOptions: {
    noUnusedLocals: false,
    noUnusedParameters: false,
    typeRoots: [join(repository, "node_modules/@types")],
  },
  include: ["**/*.ts"],
};

function leads(from: string, target: string): boolean {
  if (/^https?:/.test(target)) return true;
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? join(repository, from) : join(repository, dirname(from), path);
  if (!existsSync(file)) return false;
  return anchor === undefined || !file.endsWith(".md") || anchorsOf(readFileSync(file, "utf8")).includes(anchor);
}
