import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { facts, listAll, systemRuntime } from "@skyburst/core/protocol";
import type { StateStore } from "@skyburst/core";
import { unavailable, type Versitygw, versitygw } from "@skyburst/engines";
import { directory } from "@skyburst/state-fs";
import { s3 } from "@skyburst/state-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Stage } from "./stage.ts";

const missing = (await unavailable("docker")) ?? (await unavailable("versitygw"));
const exec = promisify(execFile);

/** What a job does: tells a hash of what it has, prints it, waits until it is looked for, and prints it again. */
const script = `printf %s "$TOKEN" | sha256sum | cut -c1-64 > /meet/hash.part
echo "it is $TOKEN"
mv /meet/hash.part /meet/hash
while [ ! -e /meet/go ]; do sleep 0.05; done
echo "it was $TOKEN" >&2
exit 3`;

const module = `
import { createHash } from "node:crypto";
import { existsSync, renameSync, writeFileSync } from "node:fs";
export const work = async (): Promise<never> => {
  const { TOKEN = "" } = process.env;
  writeFileSync("/meet/hash.part", createHash("sha256").update(TOKEN).digest("hex") + "\\n");
  console.log("it is " + TOKEN);
  renameSync("/meet/hash.part", "/meet/hash");
  while (!existsSync("/meet/go")) await new Promise((resolve) => setTimeout(resolve, 20));
  console.error("it was " + TOKEN);
  throw new Error("not " + TOKEN, { cause: new Error(TOKEN) });
};
`;

describe.skipIf(missing)(`secrets in containers${missing ? `: ${missing}` : ""}`, () => {
  let stage: Stage;
  let server: Versitygw;
  let token: string;
  let meet: string;

  beforeAll(async () => {
    [stage, server] = await Promise.all([Stage.open(), versitygw(undefined, "0.0.0.0")]);
    stage.write("task.ts", module);
    stage.write("in.txt", "null\n");
    meet = stage.folder("meet");
  });
  afterAll(() => Promise.all([stage?.close(), server?.stop()]));
  beforeEach(() => {
    token = `tk-${randomBytes(12).toString("hex")}`;
    vi.stubEnv("AWS_ACCESS_KEY_ID", server.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", server.secretAccessKey);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    // What a test that failed has left waiting goes on.
    writeFileSync(join(meet, "go"), "");
    await until(async () => (await stage.containers()).length === 0);
    for (const name of ["hash", "go"]) rmSync(join(meet, name), { force: true });
    await stage.cleared();
  });

  const options = () => ["--backend", "docker", "--image", stage.engine.image, "-v", `${meet}:/meet`];

  interface Place {
    readonly store: StateStore;
    readonly flag: string;
  }

  const places = {
    async "a directory"(): Promise<Place> {
      const path = join(stage.directory, `store-${token}`.slice(0, 14));
      return { store: directory(path), flag: path };
    },
    async S3(): Promise<Place> {
      const { endpoint } = server;
      const bucket = await server.bucket();
      return { store: s3({ bucket, endpoint }), flag: `s3://${bucket}?endpoint=${endpoint}` };
    },
  };

  const jobs = {
    "a command": ["run", "--", "sh", "-c", script],
    "a function": ["map", "task.ts#work", "in.txt"],
    "a command that nobody attends": ["each", "--detach", "in.txt", "--", "sh", "-c", script],
    "a function that nobody attends": ["submit", "task.ts#work", "in.txt"],
  } as const;

  const everywhere: readonly (readonly [keyof typeof jobs, keyof typeof places])[] = [
    ["a command", "a directory"],
    ["a function", "a directory"],
    ["a command that nobody attends", "a directory"],
    ["a function that nobody attends", "a directory"],
    ["a command", "S3"],
    ["a function that nobody attends", "S3"],
  ];

  test.each(everywhere)("reach %s with its session in %s, and nothing that is kept or shown", async (job, place) => {
    const { store, flag } = await places[place]();
    const [verb, ...rest] = jobs[job];
    const args = [verb, ...options(), "--store", flag, "--secret", "TOKEN", ...rest];
    const started = stage.start(args, undefined, { TOKEN: token });
    await until(() => existsSync(join(meet, "hash")));
    expect(readFileSync(join(meet, "hash"), "utf8").trim()).toBe(createHash("sha256").update(token).digest("hex"));
    const [session] = await stage.read<{ readonly id: string }>(["ls", "--json", "--store", flag]);
    const id = session?.id ?? "no session";
    const shown = await lookAround(id, store, flag, [id, token]);
    // What is looked for would be found.
    expect(shown(id)).toEqual(expect.arrayContaining(["inspect", "top", "processes", "session", "status", "engine"]));
    expect(shown(token)).toEqual([]);
    writeFileSync(join(meet, "go"), "");
    const { stdout, stderr } = await started.ended;
    const attached = await stage.run(["attach", id, "--store", flag, "--secret", "TOKEN"], { TOKEN: token });
    const logs = await stage.run(["logs", id, "--store", flag]);
    expect(logs).toMatchObject({ stdout: "it is ***TOKEN***\n", stderr: "it was ***TOKEN***\n" });
    const told = [stdout, stderr, attached.stdout, attached.stderr, await objects(store)].join("\n");
    expect(told).toContain(id);
    expect(told).not.toContain(token);
    expect(told).toContain(`"message":"${job.startsWith("a function") ? "not ***TOKEN***" : "sh exited with code 3"}"`);
  });

  /** Tells where somebody finds a text who looks at the engine, at processes, at files of the client, and at the session. */
  async function lookAround(id: string, store: StateStore, flag: string, texts: readonly string[]) {
    const { docker } = stage.engine;
    const root = (await docker("info", "--format", "{{.DockerRootDir}}")).trim();
    const [container = "no container"] = await stage.containers();
    const shown: Readonly<Record<string, string>> = {
      inspect: await docker("inspect", container),
      top: await docker("top", container, "-eo", "pid,args"),
      logs: await docker("logs", container),
      environment: await docker("exec", container, "/bin/busybox", "env"),
      processes: (await exec("ps", ["-eo", "args"], { maxBuffer: 1 << 26 })).stdout,
      session: await objects(store),
      events: (await stage.run(["events", id, "--store", flag])).stdout,
      status: (await stage.run(["status", id, "--json", "--store", flag])).stdout,
      supervisor: await within(join(tmpdir(), `skyburst-${userInfo().uid}`), texts),
      engine: await within(root, texts),
      client: await within(stage.directory, texts),
    };
    return (text: string) => Object.keys(shown).filter((name) => shown[name]?.includes(text));
  }

  test("may be large, and of several lines", async () => {
    const large = randomBytes(24_000).toString("base64").replaceAll(/.{64}/g, "$&\n");
    const key = stage.write("key.pem", large);
    const run = ["run", ...options(), "--secret", `KEY=@${key}`, "--", "sh", "-c"];
    const hash = createHash("sha256").update(large).digest("hex");
    expect(await stage.run([...run, 'printf %s "$KEY"; printf %s "$KEY" | sha256sum'])).toMatchObject({
      code: 0,
      stdout: `${"***KEY***\n".repeat(500)}${hash}  -\n`,
    });
    rmSync(key);
  });

  test("of another value than what opens the store are refused under that name", async () => {
    const { flag } = await places.S3();
    const other = stage.write("other", "another-key");
    const secret = ["--secret", `AWS_SECRET_ACCESS_KEY=@${other}`];
    const { code, stderr } = await stage.run(["run", ...options(), "--store", flag, ...secret, "--", "true"]);
    expect(code).toBe(125);
    expect(stderr).toMatch(/The store is opened by another AWS_SECRET_ACCESS_KEY than the secret of that name/);
    expect(stderr).not.toContain("another-key");
  });
});

async function objects(store: StateStore): Promise<string> {
  const all = facts(store, systemRuntime);
  const lists = await Promise.all(["index/", "s/"].map((prefix) => listAll(all, prefix)));
  const entries = lists.flatMap((list) => list.entries);
  const bodies = await Promise.all(entries.map(({ key }) => store.get(key)));
  return entries.map(({ key }, n) => `${key}\n${Buffer.from(bodies[n] ?? []).toString("latin1")}`).join("\n");
}

/** The texts that a file below the directory holds. */
async function within(path: string, texts: readonly string[]): Promise<string> {
  if (!existsSync(path)) return "";
  const words = texts.flatMap((text) => ["-e", text]);
  // Files come and go meanwhile, of which it complains by its exit code.
  const found = await exec("grep", ["-rhoaFs", ...words, "--", path], { maxBuffer: 1 << 26 }).catch(
    (error: { readonly stdout?: string }) => error,
  );
  return found.stdout ?? "";
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
