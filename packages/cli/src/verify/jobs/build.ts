import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { same } from "../check.ts";
import { liveLine } from "../live-line.ts";
import { pauseSeconds } from "../tasks/begin.ts";
import type { Compiled, Source } from "../tasks/compile.ts";
import { sameOutput } from "../same-output.ts";
import type { VerifyJob } from "../verify-job.ts";
import { mapJob } from "../map-job.ts";

const files = {
  "shapes.ts": `
    export interface Shape { readonly name: string; area(): number }
    abstract class Named implements Shape {
      constructor(readonly name: string) {}
      abstract area(): number;
    }
    export class Square extends Named {
      constructor(private readonly side: number) { super("square"); }
      area(): number { return this.side ** 2; }
    }
    export enum Unit { Metre = "m", Foot = "ft" }
  `,
  "main.ts": `
    import { Square, Unit, type Shape } from "./shapes.ts";
    const shapes: readonly Shape[] = [1, 2, 3].map((side): Shape => new Square(side));
    export function main(): string {
      const text = shapes.map(({ name }, n) => \`\${name} \${shapes[n]!.area()} \${Unit.Metre}\`).join(", ");
      console.log(text);
      return text;
    }
  `,
};

const output = "square 1 m, square 4 m, square 9 m";

export const build: VerifyJob = {
  name: "build",
  what: "a TypeScript program is compiled with a compiler that is given as an input, and runs",
  sleeps: pauseSeconds,
  async run(place) {
    const platform = `${process.platform}-${process.arch}`;
    const compiler = (await promisify(gzip)(await readFile(compilerOf(platform)))).toString("base64");
    const { ran, printed, values, seconds } = await mapJob(place, "build", {
      task: "compile",
      inputs: [{ compiler, platform, files } satisfies Source],
      options: ["--workers", "1"],
    });
    const [compiled] = values as readonly Compiled[];
    if (compiled && "platform" in compiled)
      return { skipped: `workers run on ${compiled.platform}, and the compiler here is one for ${platform}`, ran };
    return {
      ran,
      tasks: { succeeded: 1 },
      exitCode: 0,
      lines: printed.lines.length,
      checks: [
        liveLine(printed, seconds),
        same("result", output, compiled?.result),
        sameOutput("printed", `begins to compile\nhas compiled\n${output}\n`, printed.text),
      ],
    };
  },
};

/** Of the bundler, which brings its programs with it: this package needs it for nothing else. */
const compilerPackage = "esbuild";

function compilerOf(platform: string): string {
  const bundler = createRequire(import.meta.url).resolve("@skyburst/bundle");
  const compiler = createRequire(createRequire(bundler).resolve(compilerPackage));
  return compiler.resolve(`@${compilerPackage}/${platform}/bin/${compilerPackage}`);
}
