/** What these tests launch in place of a worker. It does what `--do` says; without it, it ends without a word. */
export const WORKER_PROGRAM = `
import { spawn } from "node:child_process";

const given = Object.fromEntries(process.argv.slice(2).map((argument) => argument.replace(/^--/, "").split("=", 2)));

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
