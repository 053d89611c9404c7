import assert from "node:assert/strict";
import type { JsonObject } from "@skyburst/core";

/** What the module of a reference exports as `open`: what the worker of another process calls. */
export async function exportedOpen(module: string): Promise<(options: JsonObject) => unknown> {
  const { open } = await imported(module);
  if (typeof open === "function") return open;
  assert.fail(`The module ${module} of the reference exports no function \`open\`.`);
}

async function imported(module: string): Promise<{ readonly open?: (options: JsonObject) => unknown }> {
  try {
    return await import(module);
  } catch (error) {
    assert.fail(
      `The module ${module} of the reference can't be imported here: give what it exports as the fact \`open\`. ${String(error)}`,
    );
  }
}
