#!/usr/bin/env node
import { writeSync } from "node:fs";
import { version } from "./version.ts";

const argv = process.argv.slice(2);
// What scripts ask most often is answered before anything else is loaded.
if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) writeSync(1, `${version}\n`);
else void import("./main.ts").then(({ main }) => main(argv));
