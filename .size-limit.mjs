// Plain bytes: what a worker fetches, verifies and parses before its first task, and what every `skyburst …` parses
// before it does anything. Compression would hide what start-up pays.
export default [
  { name: "worker program on a directory", path: "packages/state-fs/dist/program.mjs", limit: "198 kB", brotli: false },
  // Two thirds of it are the SDK.
  { name: "worker program on S3", path: "packages/state-s3/dist/program.mjs", limit: "686 kB", brotli: false },
  {
    name: "a plain run",
    path: ["packages/cli/dist/bin.cjs", "packages/cli/dist/run.cjs"],
    limit: "258 kB",
    brotli: false,
  },
  // Everything else, of which a fifth is for sessions that outlive their client, and a twentieth the job suite. 100 kB take 2 ms to parse.
  {
    name: "the command",
    path: ["packages/cli/dist/bin.cjs", "packages/cli/dist/main.cjs"],
    limit: "420 kB",
    brotli: false,
  },
  // Beside the command, and half of it dockerode.
  { name: "the docker backend of the command", path: "packages/cli/dist/docker.cjs", limit: "160 kB", brotli: false },
];
