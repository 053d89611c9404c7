/** A program that behaves as its arguments say, in place of a worker. It prints what it was given, then `ready`. */
export const WORKER_PROGRAM = `
import { spawn } from "node:child_process";

const given = Object.fromEntries(process.argv.slice(2).map((argument) => argument.replace(/^--/, "").split(/=(.*)/s).slice(0, 2)));
if (given.do === "silent-exit") process.exit(0);
console.log("slot " + given.slot);
const wait = () => setInterval(() => {}, 1_000_000);

switch (given.do) {
  case "wait":
    process.once("SIGTERM", () => process.exit(0));
    wait();
    break;
  case "refuse-to-end":
    process.on("SIGTERM", () => {});
    wait();
    break;
  case "exit":
    process.exitCode = Number(given.code);
    break;
  case "print":
    console.log("to stdout");
    console.error("to stderr " + process.env.SKYBURST_TEST);
    break;
  case "flood":
    for (let line = 0; line < 20_000; line += 1) console.log("line " + line);
    break;
  case "exhaust-heap":
    for (const kept = []; ; ) kept.push(new Array(1000).fill(given.do + kept.length));
  case "command":
    spawn(process.execPath, ["-e", "require('net').connect(" + given.port + ", '127.0.0.1').resume()"], { detached: true, stdio: "ignore" });
    process.on("SIGTERM", () => {});
    wait();
    break;
}
console.log("ready");
`;
