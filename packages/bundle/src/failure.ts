import { resolve } from "node:path";
import type { BuildRequest } from "./build.ts";
import { BundleError } from "./errors.ts";
import { oneLine } from "./esbuild/messages.ts";
import type { Message } from "./esbuild/messages.ts";
import type { EsbuildResult } from "./esbuild/run.ts";
import { packageDirectory } from "./packages.ts";

/** What esbuild refused, as one line: its first error, and how many more there are. The whole report is the cause. */
export function failure({ messages, report }: EsbuildResult, request: BuildRequest): BundleError {
  const { entry, directory } = request;
  const errors = messages.filter(({ kind }) => kind === "error");
  // What the user wrote comes before what some package wrote.
  const own = errors.find(
    ({ location }) => location !== undefined && packageDirectory(resolve(directory, location.file)) === undefined,
  );
  const first = own ?? errors[0] ?? { kind: "error", text: "esbuild failed without a reason" };
  const referred = referenceFailure(first, request, report);
  if (referred !== undefined) return referred;
  const { code, advice } = classify(first, entry);
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new BundleError(code, `${oneLine(first, directory)}${more}${advice}`, { cause: new Error(report.trim()) });
}

/** What is wrong with the module that a reference names, not with the task. */
function referenceFailure(
  { text, location }: Message,
  { entry, directory, reference }: BuildRequest,
  report: string,
): BundleError | undefined {
  if (reference === undefined || location?.file !== entry || location.line !== reference.line) return undefined;
  const { module } = reference;
  const cause = new Error(report.trim());
  if (text.startsWith("No matching export"))
    return new BundleError("no-open", `${module} has no export "open": export a function open(options) there.`, {
      cause,
    });
  return new BundleError(
    "no-module",
    `The package ${JSON.stringify(module)} can't be found from ${directory}: install it there, or give the module's own import.meta.url.`,
    { cause },
  );
}

interface Class {
  readonly code: "no-export" | "unresolved" | "syntax";
  readonly advice: string;
}

function classify({ text, location }: Message, entry: string): Class {
  if (text.startsWith("No matching export")) {
    return location?.file === entry
      ? { code: "no-export", advice: "" }
      : { code: "unresolved", advice: ". Export it there, or correct the import." };
  }
  const missing = /^Could not resolve "(.+)"/.exec(text);
  if (missing !== null) {
    const advice = /^[./]/.test(missing[1] ?? "") ? "correct the path" : "install the package, or correct its name";
    return { code: "unresolved", advice: `: ${advice}.` };
  }
  if (text.startsWith("No loader is configured")) {
    return { code: "unresolved", advice: ". Only JavaScript, TypeScript, JSON and text can be imported by a task." };
  }
  return { code: "syntax", advice: "" };
}
