import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readElf } from "../src/node/elf.ts";

test.skipIf(process.platform !== "linux")("a program says which loader and which libraries it needs", async () => {
  const elf = await readElf(process.execPath);
  expect(elf?.machine).toBe({ x64: 0x3e, arm64: 0xb7 }[process.arch as string]);
  expect(elf?.loader).toMatch(/\/ld-(linux|musl)/);
  expect(elf?.needed).toContainEqual(expect.stringMatching(/^libc\./));
});

test("what is no program says nothing", async () => {
  expect(await readElf(fileURLToPath(import.meta.url))).toBeUndefined();
});
