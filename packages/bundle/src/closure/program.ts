import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "../build.ts";
import type { BundleClosureOptions } from "../bundle-closure.ts";
import { program } from "../program.ts";
import type { Program } from "../program.ts";
import { withSerializer } from "../reference.ts";
import { applyEdits } from "./edits.ts";
import { freeNames, refuseFreeNames } from "./free-names.ts";
import { definitions } from "./helpers.ts";
import { closureImports } from "./imports.ts";
import { readClosure } from "./read.ts";
import { refuseSurroundings } from "./surroundings.ts";

export async function closureProgram(source: string, options: BundleClosureOptions): Promise<Program> {
  const closure = readClosure(source);
  refuseSurroundings(closure);
  refuseFreeNames(freeNames(closure));
  const directory = resolve(options.directory ?? "");
  const imports = closureImports(closure, process.cwd());
  const body = applyEdits(closure.text, imports.edits);
  // The closure starts on the first line: line numbers in a stack are its own.
  const name = fileName(options.name);
  const text = `const task = (${body}\n);\nexport { task };\n${definitions(closure).join("\n")}\n//# sourceURL=${name}\n`;
  const { serializer, signal } = options;
  if (!imports.needsBundler && serializer === undefined) return program(text);
  const origin = pathToFileURL(join(directory, "closure.mjs")).href;
  const request = { contents: text, entry: name, directory, origin, signal };
  return build(await withSerializer(request, serializer));
}

function fileName(name = "closure"): string {
  return name.replace(/\s+/g, "_");
}
