import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { place, skyburst, started, written } from "./skyburst.ts";

const stateFs = JSON.stringify(fileURLToPath(import.meta.resolve("@skyburst/state-fs")));
const backendLocal = JSON.stringify(fileURLToPath(import.meta.resolve("@skyburst/backend-local")));

interface Document {
  readonly backend: string;
  readonly passed: boolean;
  readonly jobs: readonly {
    readonly name: string;
    readonly state: string;
    readonly because?: string;
    readonly lines?: number;
    readonly leaked?: number;
    readonly nothingRan?: boolean;
    readonly session?: string;
    readonly checks?: readonly { readonly name: string; readonly passed: boolean; readonly found: string }[];
  }[];
}

/** A configuration that names a backend `faulty`, made of the local one. */
const withBackend = (members: string): string => `
  import { local } from ${backendLocal};
  const right = local({ directory: "output" });
  export default { backends: { faulty: { ...right, name: "faulty", ${members} } } };
`;

async function verified(cwd: string, ...args: readonly string[]): Promise<{ exitCode: unknown; told: Document }> {
  const { stdout, stderr, exitCode } = await skyburst(cwd, ["verify", "--json", ...args]);
  expect(stderr).toBe("");
  return { exitCode, told: JSON.parse(stdout) as Document };
}

function failures({ jobs }: Document): readonly string[] {
  return jobs.flatMap(({ name, checks = [] }) =>
    checks.filter(({ passed }) => !passed).map((check) => `${name}: ${check.name}: ${check.found}`),
  );
}

describe("skyburst verify", () => {
  test.concurrent("shows each job in a table, and leaves no session of those that passed", async () => {
    const cwd = place();
    const jobs = ["hello", "failure", "mixed"].flatMap((name) => ["--job", name]);
    const { stdout, stderr, exitCode } = await skyburst(cwd, ["verify", ...jobs]);
    expect({ stderr, exitCode: exitCode === 0 ? 0 : stdout }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout.replaceAll(/ +\d+\.\d {2}/g, " #")).toBe(
      [
        "JOB        STATE    SECONDS    LINES  LEAKED",
        "hello      passed #      3       0",
        "failure    passed #      2       0",
        "mixed      passed #  2,004       0",
        "",
        "3 jobs passed.",
        "",
      ].join("\n"),
    );
    expect((await skyburst(cwd, ["ls", "--json"])).stdout).toBe("");
  });

  test.concurrent("fifty thousand lines, and twelve tasks at a time", async () => {
    const { exitCode, told } = await verified(place(), "--job", "logs", "--job", "parallel");
    expect(failures(told)).toEqual([]);
    expect({ ...told, jobs: told.jobs.map(({ name, lines }) => ({ name, lines })) }).toMatchObject({
      backend: "local",
      passed: true,
      jobs: [
        { name: "logs", lines: 50_000 },
        { name: "parallel", lines: 24 },
      ],
    });
    expect(exitCode).toBe(0);
  });

  test.concurrent("what makes no sense on a backend is skipped, or its refusal is what is shown", async () => {
    const jobs = ["memory", "build", "ml", "gpu"].flatMap((name) => ["--job", name]);
    const { exitCode, told } = await verified(place(), ...jobs);
    expect(failures(told)).toEqual([]);
    expect(told.jobs.map(({ name, state, because }) => [name, state, because])).toEqual([
      ["memory", "skipped", "local gives its workers no limit of memory"],
      ["build", "passed", undefined],
      ["ml", "passed", undefined],
      ["gpu", "passed", undefined],
    ]);
    expect(exitCode).toBe(0);
  });

  test.concurrent("output that is lost is a failure that says which line, and the session is kept", async () => {
    const lossy = `
      import { directory } from ${stateFs};
      const right = directory("kept");
      const lost = (bytes) => bytes && Buffer.from(Buffer.from(bytes).toString("latin1").replace("err 17\\n", "err 18\\n"), "latin1");
      const store = Object.assign(Object.create(right), {
        reference: right.reference, pace: right.pace,
        get: async (...given) => lost(await right.get(...given)),
        create: (...given) => right.create(...given), list: (...given) => right.list(...given),
        put: (...given) => right.put(...given), delete: (...given) => right.delete(...given),
        now: () => right.now(), close: () => right.close(),
      });
      export default { store };
    `;
    const cwd = place({ "skyburst.config.mjs": lossy });
    const { stdout, exitCode } = await skyburst(cwd, ["verify", "--job", "hello", "--job", "mixed"]);
    expect(stdout).toMatch(/^hello +passed .*\nmixed +FAILED /m);
    expect(stdout).toContain(
      [
        "  stderr",
        '    expected  1,001 lines; line 18: "err 17\\n"',
        '    found     1,001 lines; line 18: "err 18\\n"',
      ].join("\n"),
    );
    expect(stdout).toMatch(/\n1 job passed, 1 failed\.\n$/);
    expect(exitCode).toBe(1);
    const [, name = ""] = /its session is kept: skyburst status (\S+),/.exec(stdout) ?? [];
    const status = await skyburst(cwd, ["status", name, "--json"]);
    expect(JSON.parse(status.stdout)).toMatchObject({ name, state: "done" });
  });

  test.concurrent("a worker that is there when its job is over is leaked", async () => {
    const ghost = `{ id: "ghost-1", launch: 0, slot: 7, state: "running" }`;
    const config = withBackend(`list: async (session, options) => [...(await right.list(session, options)), ${ghost}]`);
    const cwd = place({ "skyburst.config.mjs": config });
    const { exitCode, told } = await verified(cwd, "--backend", "faulty", "--job", "failure");
    expect(failures(told)).toEqual(["failure: left behind: ghost-1 (running)"]);
    expect({ exitCode, leaked: told.jobs[0]?.leaked }).toEqual({ exitCode: 1, leaked: 1 });
  });

  test.concurrent("a backend that stops no worker is found out, and one that does is not", async () => {
    const cwd = place({ "skyburst.config.mjs": withBackend("stop: async () => undefined") });
    const { told } = await verified(cwd, "--backend", "faulty", "--job", "lost");
    expect(failures(told)).toEqual([
      'lost: stdout: 2 lines; line 2: "ends\\n"',
      "lost: workers told as born: 1 workers",
      "lost: times leased: 1 times",
    ]);
    const right = await verified(cwd, "--job", "lost");
    expect(failures(right.told)).toEqual([]);
  });

  test.concurrent("fewer tasks at a time than there should be are counted", async () => {
    const slow = `({ spec, args, ...request }, options) =>
      right.launch({ ...request, spec: { ...spec, slots: 2 }, args: args.map((arg) => arg.replace(/^--slots=.*/, "--slots=2")) }, options)`;
    const config = withBackend(`launch: ${slow}`);
    const cwd = place({ "skyburst.config.mjs": config });
    const { told } = await verified(cwd, "--backend", "faulty", "--job", "parallel");
    expect(failures(told)).toContain("parallel: at a time: 8");
  });

  test("where nothing runs, the first job says why, and no other is tried", async () => {
    const refuse = `({ slots }) => ({ started: [], refused: slots.map((slot) => ({ slot, kind: "option", message: "the rack is empty." })) })`;
    const config = withBackend(`launch: async (request) => (${refuse})(request)`);
    const cwd = place({ "skyburst.config.mjs": config });
    const { stdout, exitCode } = await skyburst(cwd, ["verify", "--backend", "faulty"]);
    expect(stdout).toMatch(/^hello +FAILED /m);
    expect(stdout.match(/^\w+ +skipped$/gm)).toHaveLength(12);
    expect(stdout).toMatch(/\nhello: no worker came to work\.\n {2}it said\n {4}skyburst: .* the rack is empty\./);
    expect(stdout).toMatch(/\nfailure, mixed, .*, long: skipped,\s+since no worker came to work for\s+hello\.\n/);
    expect(exitCode).toBe(1);
  });

  test("ends with the job that runs when it is interrupted", async () => {
    const cwd = place();
    const running = started(cwd, ["verify", "--job", "hello", "--job", "long"]);
    await written(running, "hello  ");
    running.kill("SIGINT");
    expect(await running.ended).toBe(130);
    expect(running.errors()).toBe("skyburst: interrupted\n");
  });

  test("nothing but skipped jobs prove nothing", async () => {
    const { exitCode, told } = await verified(place(), "--job", "memory");
    expect({ exitCode, passed: told.passed }).toEqual({ exitCode: 1, passed: false });
  });

  test.each([
    [["--job", "helo"], "Did you mean hello?"],
    [["--backend", "nowhere"], "--backend nowhere: there is none of that name."],
    [["--", "true"], "a command behind -- is for run and each only."],
    [["--timeout", "10"], "A bare number has no unit"],
  ])("%j is a mistake that is explained", async (args, message) => {
    const { stdout, stderr, exitCode } = await skyburst(place(), ["verify", ...args]);
    expect(stderr).toContain(message);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
  });
});
