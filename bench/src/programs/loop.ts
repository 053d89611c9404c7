import { readFileSync, writeSync } from "node:fs";
import { spin } from "../tasks.ts";

/**
 * What one core can do at most: a plain loop over every second line, from the one that is named. Two of them at once fill
 * two cores with nothing but the work.
 */
const [file = "", first = "0"] = process.argv.slice(2);
const inputs = readFileSync(file, "utf8").split("\n");
inputs.pop();
let text = "";
for (let index = Number(first); index < inputs.length; index += 2) {
  const value = spin(JSON.parse(inputs[index] ?? "") as Parameters<typeof spin>[0]);
  text += `${value}\n`;
}
writeSync(1, text);
