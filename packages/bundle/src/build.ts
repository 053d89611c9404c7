import { absentPackages, absentWarning } from "./absent.ts";
import { BundleError } from "./errors.ts";
import { bundleArguments, PREAMBLE_LINE } from "./esbuild/arguments.ts";
import { oneLine } from "./esbuild/messages.ts";
import { runEsbuild } from "./esbuild/run.ts";
import type { EsbuildResult } from "./esbuild/run.ts";
import { findExternals } from "./externals.ts";
import type { External } from "./externals.ts";
import { failure } from "./failure.ts";
import { settleLocations } from "./locations.ts";
import { nativePackages } from "./native.ts";
import { preamble } from "./preamble.ts";
import { program } from "./program.ts";
import type { Program } from "./program.ts";

export interface BuildRequest {
  /** The entry module: JavaScript that exports `task`. */
  readonly contents: string;
  /** What reports and stacks call the entry module. */
  readonly entry: string;
  /** Of the user's project: what paths in the source map and in esbuild's report are relative to. */
  readonly directory: string;
  /** `file:` URL from which packages that stay outside are resolved. */
  readonly origin: string;
  /** A module of which the entry imports `open`, and in which line. */
  readonly reference?: { readonly module: string; readonly line: number } | undefined;
  readonly signal?: AbortSignal | undefined;
  /** It is a worker, which loads for programs what they leave outside. A task doesn't. */
  readonly isWorker?: boolean | undefined;
}

/**
 * Bundles an entry. Most programs take one run of esbuild. Packages that aren't installed cost another one. Where packages of the
 * graph turn out to be native, one more run learns who imports them, and a last one has stand-ins in their place.
 */
export async function build(request: BuildRequest): Promise<Program> {
  const attempt = await bundle(request, []);
  const absent = attempt.ok ? [] : absentPackages(attempt.messages, request.directory);
  const first = succeeded(absent.length === 0 ? attempt : await bundle(request, absent), request);
  const native = await nativePackages(first.output, request.directory);
  if (native.size === 0) return finish(request, first, [], absent);
  const externals = await findExternals(request, native, absent);
  return finish(request, succeeded(await bundle(request, [...absent, ...externals]), request), externals, absent);
}

async function bundle(request: BuildRequest, externals: readonly External[]): Promise<EsbuildResult> {
  return runEsbuild({
    arguments: bundleArguments(request, externals),
    directory: request.directory,
    input: request.contents,
    signal: request.signal,
  });
}

function succeeded(result: EsbuildResult, request: BuildRequest): EsbuildResult {
  if (!result.ok) throw failure(result, request);
  const undefinedTask = result.messages.find(
    ({ id, location }) => id === "import-is-undefined" && location?.file === request.entry,
  );
  if (undefinedTask !== undefined) throw new BundleError("no-export", undefinedTask.text);
  return result;
}

function finish(
  { directory, origin }: BuildRequest,
  result: EsbuildResult,
  externals: readonly External[],
  absent: readonly External[],
): Program {
  const { text, declarations } = settleLocations(result.output, directory);
  // The line is replaced, never added: the source map counts lines.
  const complete = text.replace(PREAMBLE_LINE, () => preamble(text, origin, declarations));
  return program(
    complete,
    externals.map(({ name }) => name),
    [...result.messages.map((message) => oneLine(message, directory)), ...absent.map(absentWarning)],
  );
}
