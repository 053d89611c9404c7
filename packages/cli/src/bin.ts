#!/usr/bin/env node
import { writeSync } from "node:fs";
import { version } from "./version.ts";

const argv = process.argv.slice(2);
// What scripts ask most often is answered before anything else is loaded.
if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) writeSync(1, `${version}\n`);
else if (argv.length > 2 && argv[0] === "run" && argv[1] === "--")
  void import("./run-main.ts").then(({ main }) => main(argv.slice(2)));
else void import("./main.ts").then(({ main }) => main(argv));
