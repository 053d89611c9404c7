import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { pack } from "tar-stream";
import type { Pack } from "tar-stream";

/** A file of the worker's volume. */
interface RuntimeFile {
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

/** Node.js with its loader and libraries: what runs in an image that has none of them. */
export interface Runtime {
  /** Names its bytes. */
  readonly key: string;
  /** As `linux/amd64`. */
  readonly platform: string;
  readonly files: readonly RuntimeFile[];
}

/** Where it is in the container. The loader is named by its own path, since images may have none. */
export const home = "/skyburst";
export const command = [`${home}/lib/loader`, "--library-path", `${home}/lib`, `${home}/node`] as const;

/** The Node.js that runs this process. undefined: it is not of Linux, or its libraries can't be told. */
export async function ownRuntime(): Promise<Runtime | undefined> {
  if (process.platform !== "linux") return undefined;
  const libraries = await librariesOf(process.execPath);
  if (!libraries) return undefined;
  const { loader, shared } = libraries;
  const files = [
    fileAt("node", process.execPath),
    fileAt("lib/loader", loader),
    ...shared.map((path) => fileAt(`lib/${basename(path)}`, path)),
  ];
  const hash = createHash("sha256").update(`${process.version} ${process.arch}`);
  for (const { name, path, size } of files) hash.update(`\0${name}\0${size}\0${statSync(path).mtimeMs}`);
  return { key: hash.digest("hex").slice(0, 16), platform: `linux/${architecture(process.arch)}`, files };
}

/** As container platforms name it. */
function architecture(arch: string): string {
  return { x64: "amd64", x86_64: "amd64", arm64: "arm64", aarch64: "arm64" }[arch] ?? arch;
}

/** What the volume holds: the runtime, the program, and last of all a mark that all of it is there. */
export function volumeArchive(runtime: Runtime, program: Uint8Array): Pack {
  const archive = pack();
  const fill = async () => {
    archive.entry({ name: "lib", type: "directory", mode: 0o755 });
    for (const { name, path, size } of runtime.files)
      await pipeline(createReadStream(path), archive.entry({ name, size, mode: 0o755 }));
    archive.entry({ name: "program.mjs", mode: 0o644 }, Buffer.from(program));
    archive.entry({ name: basename(mark), mode: 0o644 }, "");
    archive.finalize();
  };
  fill().catch((error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))));
  return archive;
}

/** Only a volume that has it is whole: who filled it may have been killed. */
export const mark = `${home}/.whole`;

interface Libraries {
  readonly loader: string;
  readonly shared: readonly string[];
}

/** What the loader itself says that it would load. */
async function librariesOf(program: string): Promise<Libraries | undefined> {
  const { stdout } = await promisify(execFile)("ldd", [program]).catch(() => ({ stdout: "" }));
  const paths = [...stdout.matchAll(/(?:^|=> )\s*(\/\S+) \(0x/gm)].map(([, path = ""]) => path);
  const loader = paths.find((path) => /^ld-(linux|musl)/.test(basename(path)));
  return loader === undefined ? undefined : { loader, shared: paths.filter((path) => path !== loader) };
}

function fileAt(name: string, path: string): RuntimeFile {
  return { name, path, size: statSync(path).size };
}
