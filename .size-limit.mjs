import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

// Plain bytes: what a worker fetches, verifies and parses before its first task, and what every `skyburst …` parses
// before it does anything. Compression would hide what start-up pays.
export default [
  { name: "worker program on a directory", path: "packages/state-fs/dist/program.mjs", limit: "165 kB", brotli: false },
  // Two thirds of it are the SDK.
  { name: "worker program on S3", path: "packages/state-s3/dist/program.mjs", limit: "670 kB", brotli: false },
  { name: "start of the command", path: loadedAtStart("packages/cli/dist/bin.js"), limit: "100 kB", brotli: false },
];

/** A built module with all that it imports statically, chunk by chunk. */
function loadedAtStart(entry, seen = new Set()) {
  if (seen.has(entry)) return [];
  seen.add(entry);
  const chunks = readFileSync(entry, "utf8").matchAll(/^(?:import|export)\b[^;]*?["'](\.{1,2}\/[^"']+)["']/gm);
  return [entry, ...[...chunks].flatMap(([, chunk]) => loadedAtStart(join(dirname(entry), chunk), seen))];
}
