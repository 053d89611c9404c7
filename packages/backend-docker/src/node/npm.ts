import { execFile } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { reasonOf } from "../errors.ts";
import type { Runtime, RuntimeFile } from "../runtime.ts";
import type { Asked } from "./asked.ts";
import { withBaseImage } from "./base-image.ts";
import { fileAt, hostLibraries } from "./host.ts";
import { ImageFiles } from "./image-files.ts";
import { headerOf, librariesIn } from "./image-libraries.ts";
import { stockImage } from "./image.ts";
import { checkVersion, major } from "./version.ts";

/** Has the libraries that Node.js needs, and little else. */
const debian = "debian:stable-slim";

/** Longest wait for npm, in milliseconds: some 40 MB. */
const patience = 300_000;

/**
 * Node.js as the package of its binary for the machine, and libraries from an image or from this machine.
 *
 * npm itself gets the package, with the registry, the proxy and the credentials that it is configured for, compares it with the
 * registry's checksum, and keeps it for the next time.
 *
 * @throws {Error} npm can't get it, or there are no libraries.
 */
export async function nodeOfNpm(asked: Asked, directory: string): Promise<Runtime> {
  const { machine, options } = asked;
  const name = `node-linux-${machine.arch}`;
  options.progress?.(`getting ${name}@${major} from npm`);
  const { filename, version } = await packed(`${name}@${major}`, directory, options.signal);
  checkVersion(version);
  const node = join(directory, "node");
  await unpack(join(directory, filename), "package/bin/node", node);
  await headerOf(node, machine);
  const { from, libraries } = await librariesFor(node, asked, directory);
  const source = `the npm package ${name} with the libraries of ${from}`;
  return { version, source, files: [fileAt("node", node), ...libraries] };
}

interface Packed {
  readonly filename: string;
  readonly version: string;
}

async function packed(spec: string, directory: string, signal: AbortSignal | undefined): Promise<Packed> {
  const args = ["pack", spec, "--pack-destination", directory, "--json", "--prefer-offline", "--loglevel=error"];
  // On Windows npm is a script, which only a shell starts.
  const options = { timeout: patience, signal, shell: process.platform === "win32", maxBuffer: 2 ** 26 };
  try {
    const { stdout } = await promisify(execFile)("npm", args, options);
    const [found] = JSON.parse(stdout) as readonly Packed[];
    if (found === undefined) throw new Error("npm says nothing of what it packed");
    return found;
  } catch (error) {
    throw new Error(`\`npm pack ${spec}\`: ${npmReason(error)}`, { cause: error });
  }
}

function npmReason(error: unknown): string {
  const said = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
  const lines = said.split("\n").map((line) => line.replace(/^npm (error|ERR!) ?/, "").trim());
  const first = lines.filter((line) => line !== "" && !/^(code|errno|A complete log)/.test(line)).slice(0, 2);
  return first.length > 0 ? first.join(" ") : reasonOf(error);
}

async function unpack(archive: string, name: string, to: string): Promise<void> {
  const files = extract();
  let found = false;
  const saved = (async () => {
    for await (const entry of files) {
      if (entry.header.name === name) {
        found = true;
        await pipeline(entry, createWriteStream(to));
      } else entry.resume();
    }
  })();
  await Promise.all([pipeline(createReadStream(archive), createGunzip(), files), saved]);
  if (!found) throw new Error(`the package has no ${name}`);
}

async function librariesFor(
  node: string,
  asked: Asked,
  directory: string,
): Promise<{ readonly from: string; readonly libraries: readonly RuntimeFile[] }> {
  const { engine, machine, options } = asked;
  const takeFrom = (image: string) =>
    ImageFiles.read(engine, image, (files) => librariesIn(files, node, machine, directory));
  const failures: string[] = [];
  const tries = [
    // The stock image was tried, and is of use if the engine has it, though not with a fit Node.js.
    { from: stockImage, take: () => withBaseImage(stockImage, asked, takeFrom, { pull: false }) },
    { from: debian, take: () => withBaseImage(debian, asked, takeFrom) },
    { from: "this machine", take: () => hostLibraries(node, machine) },
  ];
  for (const { from, take } of tries) {
    try {
      return { from, libraries: await take() };
    } catch (error) {
      options.signal?.throwIfAborted();
      failures.push(`${from}: ${reasonOf(error)}`);
    }
  }
  throw new Error(`the package has no libraries, and there are none in ${failures.join("; ")}`);
}
