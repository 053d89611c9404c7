import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandSlot } from "../../src/command/index.ts";
import { markSplitter } from "../../src/command/mark-splitter.ts";
import { KINDS, run } from "./support.ts";

const hostile = fc.constantFrom(
  "'",
  '"',
  "\\",
  "$",
  "`",
  "\n",
  "\r",
  "\t",
  " ",
  "~",
  "#",
  "!",
  "*",
  "-",
  "\x01",
  "\x7f",
  "\x1b",
  "\u0080",
  "\u00ff",
  "𝄞",
  "$(exit 9)",
  "'\\''",
  "\\n",
  ";",
  "&",
  "{",
  "}",
);
const text = fc
  .oneof(
    fc.string({ unit: "binary" }),
    fc.array(hostile).map((parts) => parts.join("")),
  )
  .map((word) => word.replaceAll("\0", ""));
const name = fc.oneof(
  fc.stringMatching(/^[A-Z_]{1,3}x$/),
  fc.constantFrom(
    "IFS",
    "OPTIND",
    "BASH_ENV",
    "ENV",
    "SHLVL",
    "PWD",
    "OLDPWD",
    "PS4",
    "PPID",
    "UID",
    "SECONDS",
    "BASH_FUNC_echo%%",
    "a-b",
    "1",
    "it's",
    "LINENO",
    "CDPATH",
    "TMOUT",
    "_x",
    "SHELLOPTS",
    "__n",
    "__s",
    "s",
  ),
);

/** What shells have of their own. */
const OWN = Object.fromEntries(
  "HOSTNAME LINES COLUMNS HISTSIZE UID SECONDS RANDOM PS1 PS2 PS4 OPTIND OPTARG PPID ENV LINENO MAIL MAILPATH FUNCNAME GROUPS TERM"
    .split(" ")
    .map((own) => [own, "own"]),
);

describe.each(KINDS)("a slot of $kind is exact", ({ open }) => {
  let slot: CommandSlot;
  beforeAll(() => {
    slot = open({
      env: {
        PATH: process.env["PATH"],
        IFS: "x",
        BASH_ENV: "/nowhere",
        "a.b": "1",
        TMOUT: "1",
        "BASH_FUNC_echo%%": "() { :; }",
        CDPATH: "/",
        __s: "own",
        __p: "own",
        s: "own",
        ...OWN,
      },
    });
  });
  afterAll(() => slot.close());

  it("in every argument", async () => {
    const property = fc.asyncProperty(fc.array(text), async (words) => {
      const ran = await run(slot, ["printf", "%s\\0", "", ...words]);
      expect(ran.code).toBe(0);
      expect(ran.stdout.toString().split("\0").slice(1, -1)).toEqual(words);
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it("in every variable of a command, and keeps the slot's own", async () => {
    const property = fc.asyncProperty(fc.dictionary(name, text), async (env) => {
      const seen = await environment(slot, env);
      expect(seen).toMatchObject({
        IFS: "x",
        BASH_ENV: "/nowhere",
        "a.b": "1",
        TMOUT: "1",
        "BASH_FUNC_echo%%": "() { :; }",
        CDPATH: "/",
        __s: "own",
        __p: "own",
        s: "own",
        ...OWN,
        ...env,
      });
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it("and adds nothing but what shells do", async () => {
    const own = new Set([
      ...Object.keys(OWN),
      "PATH",
      "IFS",
      "BASH_ENV",
      "a.b",
      "TMOUT",
      "BASH_FUNC_echo%%",
      "CDPATH",
      "__s",
      "__p",
      "s",
    ]);
    const added = Object.keys(await environment(slot, {})).filter((variable) => !own.has(variable));
    expect(["PWD", "OLDPWD", "SHLVL", "_"]).toEqual(expect.arrayContaining(added));
  });
});

it("finds the mark wherever the pieces are cut, and changes no other byte", () => {
  const mark = "\x1eab\x1eac ";
  const noise = fc
    .array(fc.constantFrom("\x1e", "a", "b", "\x1eab", "\x1eab\x1eab", "\n", "x"))
    .map((parts) => parts.join(""));
  const property = fc.property(noise, fc.array(fc.nat({ max: 5 })), (own, cuts) => {
    const split = markSplitter(mark);
    let rest = Buffer.from(`${own}${mark}7 0 9\nleft over`);
    const bytes: Buffer[] = [];
    let report: string | undefined;
    for (let turn = 0; report === undefined; turn += 1) {
      const length = (cuts[turn % Math.max(1, cuts.length)] ?? 3) + 1;
      const found = split(rest.subarray(0, length));
      rest = rest.subarray(length);
      bytes.push(found.bytes);
      report = found.report;
    }
    expect({ own: Buffer.concat(bytes).toString(), report }).toEqual({ own, report: "7 0 9" });
  });
  fc.assert(property);
});

async function environment(slot: CommandSlot, env: Record<string, string>): Promise<Record<string, string>> {
  const ran = await run(slot, ["env", "-0"], { env });
  const entries = ran.stdout.toString().split("\0").slice(0, -1);
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
}
