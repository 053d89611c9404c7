/** What these tests launch in place of a worker. It does what `--do` says, of which it may be told on its stdin; without it, it ends without a word. */
export const WORKER_PROGRAM = `
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const told = process.argv[2] === "--arguments=stdin" ? readFileSync(0, "utf8") : JSON.stringify(process.argv.slice(2));
const given = Object.fromEntries(JSON.parse(told || "[]").map((argument) => argument.replace(/^--/, "").split("=", 2)));

switch (given.do) {
  case "wait":
    setInterval(() => {}, 1_000_000);
    break;
  case "speak":
    console.log("a word");
    break;
  case "flood":
    for (let line = 0; line < 20_000; line += 1) console.log("line " + line);
    break;
  case "exhaust-heap":
    for (const kept = []; ; ) kept.push(new Array(1000).fill(given.do + kept.length));
  case "command":
    spawn(process.execPath, ["-e", "require('net').connect(" + given.port + ", '127.0.0.1').resume()"], { detached: true, stdio: "ignore" });
    process.on("SIGTERM", () => {});
    setInterval(() => {}, 1_000_000);
    break;
}
`;
