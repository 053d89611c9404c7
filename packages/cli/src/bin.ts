#!/usr/bin/env node
import { writeSync } from "node:fs";
import { debugging } from "./debugging.ts";
import { version } from "./version.ts";

const argv = process.argv.slice(2);
// Names in the files are short, and those of the sources are in the maps. Before the files are loaded, or it is too late.
if (debugging()) process.setSourceMapsEnabled(true);
// What scripts ask most often is answered before anything else is loaded.
if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) writeSync(1, `${version}\n`);
else void begin();

/** A job's worker comes up while the command is loaded. */
async function begin(): Promise<never> {
  const [command = "", ...own] = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : argv.length);
  const isJob = argv.length > 1 && /^(run|map|each)$/.test(command);
  const early = isJob ? await (await import("./early.ts")).beginEarly(command, own) : {};
  if (argv.length > 2 && argv[0] === "run" && argv[1] === "--")
    return (await import("./run-main.ts")).main(argv.slice(2), early);
  return (await import("./main.ts")).main(argv, early);
}
