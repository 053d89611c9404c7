import { resolve } from "node:path";

/** Files of the backend's machine that workers see. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly?: boolean;
}

/** `./data:/data` or `./data:/data:ro`; the first may be relative to this directory. @throws {RangeError} saying what to give. */
export function mount(text: string): Mount {
  const [, source, target, mode] = /^([^:]+):(\/[^:]*)(?::(ro|rw))?$/.exec(text) ?? [];
  if (source === undefined || target === undefined)
    throw new RangeError("Give HERE:/THERE, or HERE:/THERE:ro for what is not to be written to.");
  return { source: resolve(source), target, ...(mode === "ro" ? { readOnly: true } : {}) };
}
