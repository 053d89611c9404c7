/**
 * What is launched in place of a worker: it does what its arguments say. First it prints its slot, which it has from its
 * arguments or its environment, and at last `ready`.
 */
export const WORKER_PROGRAM = `
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const given = Object.fromEntries(process.argv.slice(2).map((argument) => argument.replace(/^--/, "").split(/=(.*)/s).slice(0, 2)));
console.log("slot " + (given.slot ?? process.env.SKYBURST_SLOT));
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
    console.log("text " + given.text);
    console.log("variable " + process.env.SKYBURST_TEST);
    console.error("to stderr");
    break;
  case "read":
    console.log("read " + readFileSync(given.text, "utf8"));
    break;
  case "tell-secret": {
    const handed = process.env.SKYBURST_SECRETS === "stdin" ? JSON.parse(readFileSync(0, "utf8")) : process.env;
    const secret = handed.SKYBURST_SECRET_TEST ?? "";
    console.log("hash " + createHash("sha256").update(secret).digest("hex"));
    if (secret !== "" && process.argv.join(" ").includes(secret)) console.log("it is an argument");
    break;
  }
  case "flood":
    for (let line = 0; line < 20_000; line += 1) console.log("line " + line);
    break;
}
console.log("ready");
`;
