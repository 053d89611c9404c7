import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { place, skyburst } from "./skyburst.ts";

const page = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");

/** The last block of text under each heading that is a command. */
const shown = new Map(
  [...page.matchAll(/^## `skyburst ?(\w*)`\n([^]*?)(?=^## )/gm)].map(([, command = "", section = ""]) => [
    command,
    [...section.matchAll(/^```text\n([^]*?)^```$/gm)].at(-1)?.[1],
  ]),
);

describe("docs/cli.md", () => {
  test("shows every command", async () => {
    const { stdout } = await skyburst(place(), ["--help"]);
    const commands = [...stdout.matchAll(/^ {2}(\w+) (?:\[|<)/gm)]
      .map(([, name]) => name)
      .filter((name) => name !== "help");
    expect([...shown.keys()]).toEqual(["", ...commands]);
  });

  test.each([...shown])("shows the help of skyburst %s as it is", async (command, text) => {
    const { stdout } = await skyburst(place(), [...(command === "" ? [] : [command]), "--help"]);
    expect(text).toBe(stdout);
  });
});
