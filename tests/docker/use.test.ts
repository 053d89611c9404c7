import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unavailable } from "@skyburst/engines";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Stage } from "./stage.ts";

const missing = await unavailable("docker");

const module = `
import { existsSync, readFileSync, writeFileSync } from "node:fs";
export const work = async (n: number): Promise<readonly unknown[]> => {
  const denied = (() => { try { writeFileSync("/data/b", ""); } catch (error) { return (error as { code: string }).code; } })();
  writeFileSync("/out/begun", "");
  while (!existsSync("/out/go")) await new Promise((resolve) => setTimeout(resolve, 20));
  return [n, readFileSync("/data/a", "utf8"), process.env.KEY, denied];
};
`;

const script = `touch /data/b; : > /out/begun; while [ ! -e /out/go ]; do sleep 0.05; done; cat /data/a; echo "$KEY"; pwd`;

describe.skipIf(missing)(`containers from the command line${missing ? `: ${missing}` : ""}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
    stage.write("task.ts", module);
    stage.write("in.jsonl", "7\n");
    writeFileSync(join(stage.folder("data"), "a"), "from here\n");
  });
  afterAll(() => stage?.close());
  afterEach(() => stage.cleared());

  /** As it stands in the guide, and a second directory by which the test and the job wait for each other. */
  const options = (out: string) => {
    const size = ["--backend", "docker", "--image", stage.engine.image, "--cpu", "2", "--memory", "3g"];
    return [...size, "-v", "./data:/data:ro", "-v", `${out}:/out`, "-e", "KEY"];
  };

  test.each([
    [
      "a command",
      ["run", "--", "sh", "-c", script],
      { code: 0, stdout: "from here\nof the client\n/\n", stderr: "touch: /data/b: Read-only file system\n" },
    ],
    [
      "a function",
      ["map", "task.ts#work", "in.jsonl"],
      { code: 0, stdout: expect.stringContaining('"value":[7,"from here\\n","of the client","EROFS"]') },
    ],
  ] as const)("run %s with the size, the files and the variables that are asked for", async (what, words, end) => {
    const out = stage.folder(what.replaceAll(" ", "-"));
    const [verb, ...rest] = words;
    const { ended } = stage.start([verb, ...options(out), ...rest], undefined, { KEY: "of the client" });
    while (!existsSync(join(out, "begun"))) await new Promise((resolve) => setTimeout(resolve, 20));
    const [container = "no container"] = await stage.containers();
    const format = "{{json .HostConfig.NanoCpus}} {{json .HostConfig.Memory}} {{json .HostConfig.MemorySwap}}";
    expect(await stage.engine.docker("inspect", "--format", format, container)).toBe(
      "2000000000 3221225472 3221225472\n",
    );
    writeFileSync(join(out, "go"), "");
    expect(await ended).toMatchObject(end);
  });
});
