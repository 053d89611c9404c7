import { describe, expect, test } from "vitest";
import { parsed, place, skyburst } from "./skyburst.ts";

describe("skyburst each", () => {
  test("runs a command per line and shows its output in one piece, in input order", async () => {
    const inputs = Array.from({ length: 12 }, (_, n) => n);
    const script = "sleep 0.0$((RANDOM % 3)); echo {} begins; echo {} ends";
    const { stdout, exitCode } = await skyburst(place({ "in.txt": inputs.join("\n") }), [
      "each",
      "in.txt",
      "--slots",
      "3",
      "--",
      "bash",
      "-c",
      script,
    ]);
    expect(stdout).toBe(inputs.map((n) => `${n} begins\n${n} ends\n`).join(""));
    expect(exitCode).toBe(0);
  });

  test("puts the line, or fields of it, where the placeholders are, and last when there are none", async () => {
    const cwd = place({
      "in.txt": "a b\n$(x) '\"\n",
      "in.csv": "name,n\nAda,1\nBob,2\n",
      "in.jsonl": '{"a":{"b":[1]},"c":"d"}\n',
    });
    const output = async (...args: string[]) => (await skyburst(cwd, ["each", ...args])).stdout;
    expect(await output("in.txt", "--", "echo", "<{}>", "{}")).toBe("<a b> a b\n<$(x) '\"> $(x) '\"\n");
    expect(await output("in.txt", "--", "echo", "-n")).toBe("a b$(x) '\"");
    expect(await output("in.csv", "--", "echo", "{n}:{name}")).toBe("1:Ada\n2:Bob\n");
    expect(await output("in.jsonl", "--", "echo", "{a} {c}")).toBe('{"b":[1]} d\n');
  });

  test("takes lines from stdin as text", async () => {
    const { stdout } = await skyburst(place(), ["each", "-", "--", "echo", "{}!"], { input: "1\n\n3" });
    expect(stdout).toBe("1!\n!\n3!\n");
  });

  test("keeps stdout, stderr and bytes apart, and shows the last attempt only", async () => {
    const script =
      "echo try >> tries-{}; n=$(wc -l < tries-{}); echo {} out $n; echo {} err $n >&2; printf '\\377\\0'; [ $n -ge 2 ]";
    const {
      bytes: output,
      stderr,
      exitCode,
    } = await skyburst(place({ "in.txt": "1\n2\n" }), ["each", "in.txt", "--retries", "1", "--", "sh", "-c", script]);
    const bytes = Buffer.from([0xff, 0]);
    expect(
      output.stdout.equals(Buffer.concat([Buffer.from("1 out 2\n"), bytes, Buffer.from("2 out 2\n"), bytes])),
    ).toBe(true);
    expect(stderr).toBe("1 err 2\n2 err 2\n");
    expect(exitCode).toBe(0);
  });

  test("shows long output whole", async () => {
    const script = "for i in $(seq 40000); do echo {} line $i; done";
    const { stdout } = await skyburst(place({ "in.txt": "a\nb\n" }), [
      "each",
      "in.txt",
      "--slots",
      "2",
      "--",
      "sh",
      "-c",
      script,
    ]);
    const lines = (name: string) => Array.from({ length: 40_000 }, (_, n) => `${name} line ${n + 1}\n`).join("");
    expect(stdout === lines("a") + lines("b")).toBe(true);
  });

  test("tells failures by the exit code and a summary; with --json, each exit code", async () => {
    const cwd = place({ "in.txt": "0\n3\n4\n" });
    const plain = await skyburst(cwd, ["each", "in.txt", "--", "sh", "-c", "exit {}"]);
    expect({ stderr: plain.stderr, exitCode: plain.exitCode }).toEqual({
      stderr: "skyburst: 2 of 3 commands failed (1, 2)\n",
      exitCode: 1,
    });
    const { stdout, exitCode } = await skyburst(cwd, ["each", "in.txt", "--json", "--", "sh", "-c", "exit {}"]);
    expect(exitCode).toBe(1);
    expect(parsed(stdout)).toMatchObject([
      { status: "succeeded", value: { code: 0 } },
      { status: "failed", error: { code: 3 } },
      { status: "failed", error: { code: 4 } },
    ]);
  });

  test("wants its command behind --", async () => {
    const cwd = place({ "in.txt": "1\n" });
    expect((await skyburst(cwd, ["each", "in.txt"])).stderr).toBe(
      "skyburst: no command is given behind --. Write: skyburst each INPUTS -- COMMAND [ARG...]\n",
    );
    expect((await skyburst(cwd, ["each", "in.txt", "echo", "{}"])).stderr).toBe(
      "skyburst: no command is given behind --. Write: skyburst each INPUTS -- echo {}\n",
    );
  });
});
