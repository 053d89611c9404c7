/** Workers have the same major version as who launches them, so that a task runs as it was tried. */
export const major = Number(process.versions.node.split(".", 1)[0]);

/** What the worker uses is there from this version of each line on; every other line has it from its first. */
const leastMinor: Readonly<Record<number, number>> = { 20: 19 };

/** @throws {Error} It is another major version, or too old, or not told. */
export function checkVersion(version: string | undefined): asserts version is string {
  const [found, minor] = (version ?? "").split(".").map(Number);
  const least = leastMinor[major] ?? 0;
  if (found === major && minor !== undefined && minor >= least) return;
  throw new Error(
    `it holds Node.js ${version ?? "of an unknown version"}, and ${major}.${least} or a later ${major} is needed`,
  );
}
