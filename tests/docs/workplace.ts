import { spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { repository } from "./pages.ts";
import type { Snippet } from "./snippets.ts";

const modules = join(repository, "tests/node_modules");
/** As the command tsx has it, which starts Node.js a second time for that. */
const tsx = import.meta.resolve("tsx");

export interface Printed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory as a reader has it who installed the packages and works through one page. */
export class Workplace {
  readonly path = mkdtempSync(join(tmpdir(), "skyburst-docs-"));

  constructor() {
    symlinkSync(modules, join(this.path, "node_modules"));
    writeFileSync(join(this.path, "package.json"), JSON.stringify({ type: "module", private: true }));
  }

  write({ file, text }: Pick<Snippet, "file" | "text">): void {
    mkdirSync(dirname(join(this.path, file)), { recursive: true });
    writeFileSync(join(this.path, file), text);
  }

  script(file: string): Promise<Printed> {
    return this.#run(process.execPath, ["--import", tsx, file]);
  }

  shell(text: string): Promise<Printed> {
    return this.#run("bash", ["-euo", "pipefail", "-c", text]);
  }

  types(): Promise<Printed> {
    return this.#run(join(repository, "node_modules/.bin/tsc"), ["-p", "."]);
  }

  remove(): void {
    // Workers of the last snippet may be writing that they leave: what comes while a directory is removed is left by Node's
    // own retries, which only ask for the empty directory again.
    for (let left = 20; ; left--) {
      try {
        return rmSync(this.path, { recursive: true, force: true, maxRetries: 1 });
      } catch (error) {
        if (left === 0) throw error;
      }
    }
  }

  #run(command: string, args: readonly string[]): Promise<Printed> {
    // Nothing is fetched from a registry: what npx does not find here is a fault of the page.
    const env = {
      ...process.env,
      PATH: `${join(modules, ".bin")}${delimiter}${process.env.PATH}`,
      npm_config_offline: "true",
      npm_config_update_notifier: "false",
      NO_COLOR: "1",
      FORCE_COLOR: undefined,
    };
    const child = spawn(command, args, { cwd: this.path, env, stdio: ["ignore", "pipe", "pipe"] });
    const printed = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (printed.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (printed.stderr += text));
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, ...printed }));
    });
  }
}
