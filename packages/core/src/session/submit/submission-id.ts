import { SkyburstError } from "../../errors.ts";

/** @throws {SkyburstError} `option` for what can't be part of a key, or would be mistaken for another part of it. */
export function checkSubmissionId(id: string): void {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return;
  throw new SkyburstError(
    "option",
    `id is ${JSON.stringify(id)}; it has to be 1 to 64 letters, digits, \`-\` and \`_\`.`,
  );
}
