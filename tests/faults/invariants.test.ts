import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { collectAll, openSession, temporaryDirectory } from "./session-under-test.ts";
import { echo, flaky, large, printing } from "./tasks.ts";

/** A session with a bit of everything, of which each test spoils one thing. */
let store = "";
let session = "";

beforeAll(async () => {
  const under = await openSession();
  session = under.session.id;
  await collectAll(
    under.session.map(
      flaky,
      [1, 2, 9, 1, 1, 1].map((n) => ({ scratch: under.scratch, n })),
      { retries: 1, backoff: 1 },
    ),
  );
  await collectAll(under.session.map(large, [300_000, 10]));
  await collectAll(under.session.map(printing, [20_000]));
  await collectAll(under.session.map(echo, Array(3).fill("more than rides behind an entry".padEnd(200_000))));
  await under.end();
  store = mkdtempSync(join(tmpdir(), "skyburst-faults-"));
  cpSync(under.store, store, { recursive: true });
});

afterAll(() => rmSync(store, { recursive: true, force: true }));

function spoilt(kind: string, spoil: (path: string, names: string[]) => void): string {
  const copy = temporaryDirectory();
  cpSync(store, copy, { recursive: true });
  const path = join(copy, "s", session, kind);
  spoil(
    path,
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort(),
  );
  return copy;
}

const removed = (_: string, [first = ""]: string[]) => rmSync(first);
const rewritten = (find: string | RegExp, by: string) => (_: string, names: string[]) => {
  const name = names.find((path) => readFileSync(path, "latin1").search(find) >= 0) ?? "";
  writeFileSync(name, readFileSync(name, "latin1").replace(find, by), "latin1");
};

test("a session that keeps the protocol passes", async () => {
  expect((await checkSession(store, session)).size).toBe(12);
});

test.each([
  ["a missing marker of what did not succeed", "odd", removed, /missing/],
  ["a worker that was never declared gone", "gone", removed, /never declared gone/],
  ["a missing lease", "lease", removed, /lease/],
  ["a missing end of a turn", "done", removed, /never ended|no outcome/],
  ["a missing blob", "blob", removed, /blob/],
  ["a missing segment", "segment", removed, /segment/],
  ["inputs that are cut off", "manifest", rewritten(/(\n\{"scratch".*\n)+/, "\n"), /does not hold the inputs/],
  [
    "an outcome told twice",
    "done",
    rewritten(/^(.*"lines":)(\d+)(.*\n)(\{"index":0.*\n)/, "$1999999$3$4$4"),
    /counts|settles|second/,
  ],
  ["an attempt told wrongly", "done", rewritten(/"attempts":1/, '"attempts":3'), /attempts/],
  ["an owner that never held the lease", "done", rewritten(/"worker":"[^"]*"/, '"worker":"9.9.9.nobody"'), /nobody/],
  [
    "a log without its end",
    "log",
    (_: string, names: string[]) => rmSync(names.find((name) => name.endsWith("~end")) ?? ""),
    /end mark/,
  ],
  [
    "a key of nobody's making",
    "lease",
    (path: string) => writeFileSync(join(path, "1.2.3.4"), "{}"),
    /not what its parser makes/,
  ],
])("%s is found", async (_, kind, spoil, message) => {
  await expect(checkSession(spoilt(kind, spoil), session)).rejects.toThrow(message);
});
