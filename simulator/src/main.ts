import { bugs } from "./bugs.ts";
import { simulate } from "./simulate.ts";

const options = new Map<string, string>();
for (let n = 2; n < process.argv.length; n++) {
  const [name = "", value] = (process.argv[n] ?? "").split("=", 2);
  const next = process.argv[n + 1];
  options.set(name, value ?? (next !== undefined && !next.startsWith("--") ? (n++, next) : ""));
}

const number = (name: string, otherwise: number) => {
  const value = Number(options.get(name) ?? otherwise);
  if (!Number.isInteger(value) || value < 0)
    throw new TypeError(`${name} is ${options.get(name)}; it has to be a whole number.`);
  return value;
};

if (options.has("--seed")) {
  const report = await simulate(number("--seed", 0), { trace: options.has("--trace") });
  for (const line of report.trace) console.log(line);
  console.log(JSON.stringify(report.scenario, undefined, 2));
  console.log(
    report.violations.length > 0
      ? `\n${report.violations.join("\n")}`
      : `\nSeed ${report.seed}: nothing is broken, after ${Math.round(report.elapsed / 1000)} s of virtual time.`,
  );
  process.exitCode = report.violations.length > 0 ? 1 : 0;
} else if (options.has("--bugs")) {
  const wanted = options.get("--bugs");
  for (const [name, rules] of Object.entries(bugs)) {
    if (wanted !== "" && wanted !== name) continue;
    let seed = 1;
    let found: string | undefined;
    for (; seed <= number("--seeds", 2000) && found === undefined; seed++)
      [found] = (await simulate(seed, { rules })).violations;
    console.log(
      `${name}: ${found === undefined ? "NOT FOUND" : `seed ${seed - 1}: ${found.trim().split("\n")[0]?.slice(0, 160)}`}`,
    );
    if (found === undefined) process.exitCode = 1;
  }
} else {
  const count = number("--seeds", 1000);
  const from = number("--from", 1);
  const began = performance.now();
  let broken = 0;
  for (let seed = from; seed < from + count; seed++) {
    const { violations } = await simulate(seed);
    if (violations.length === 0) continue;
    broken++;
    console.log(
      `seed ${seed}: ${violations.length} violations; the first: ${violations[0]?.split("\n").slice(0, 3).join(" | ")}`,
    );
  }
  console.log(`${count} seeds from ${from} on: ${broken} broken, ${Math.round(performance.now() - began)} ms.`);
  process.exitCode = broken > 0 ? 1 : 0;
}
