#!/usr/bin/env node
import { writeSync } from "node:fs";
import { debugging } from "./debugging.ts";
import { version } from "./version.ts";

const argv = process.argv.slice(2);
// Names in the files are short, and those of the sources are in the maps. Before the files are loaded, or it is too late.
if (debugging()) process.setSourceMapsEnabled(true);
// What scripts ask most often is answered before anything else is loaded.
if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) writeSync(1, `${version}\n`);
else if (argv.length > 2 && argv[0] === "run" && argv[1] === "--")
  void import("./run-main.ts").then(({ main }) => main(argv.slice(2)));
else void import("./main.ts").then(({ main }) => main(argv));
