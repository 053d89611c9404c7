import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { publishHere } from "../../src/backend/publish.ts";

test("a program is whole at any moment while others publish it again", async () => {
  const source = `// ${"a program ".repeat(20_000)}`;
  const { url } = await publishHere(source);
  const path = fileURLToPath(url);
  const seen = new Set<number>();
  let publishing = true;
  const published = Promise.all(Array.from({ length: 200 }, () => publishHere(source))).finally(
    () => (publishing = false),
  );
  while (publishing) {
    seen.add(readFileSync(path).length);
    await new Promise(setImmediate);
  }
  await published;
  rmSync(path);
  expect([...seen]).toEqual([source.length]);
});
