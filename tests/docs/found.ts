import type { StateStore } from "@skyburst/core";
import { logFrames, parseCommit } from "@skyburst/core/protocol";
import type { Listed } from "./listing.ts";

export interface Found {
  /** Below the session's root; that of the index as it is. */
  readonly key: string;
  readonly body: Uint8Array;
}

/** Every object of a session. */
export async function objectsOf(store: StateStore, session: string): Promise<Found[]> {
  const root = `s/${session}/`;
  const keys = [`index/${session}`];
  for await (const { entries } of store.list(root)) keys.push(...entries.map(({ key }) => key));
  return Promise.all(
    keys.map(async (key) => {
      const body = await store.get(key);
      if (!body) throw new Error(`${key} was listed and is not there.`);
      return { key: key.startsWith(root) ? key.slice(root.length) : key, body };
    }),
  );
}

/** An object as the walk through the protocol shows it. */
export function shown({ key, body }: Found): Listed {
  if (key.startsWith("program/")) return { key, body: ["(an ES module)"] };
  if (!/^(part|done)\//.test(key)) return { key, body: linesOf(body) };
  const { lines, logs } = parseCommit(body);
  const header = body.subarray(0, body.indexOf(newline));
  const frames = [...logFrames(logs)].map(({ channel, bytes }) => `frame ${channel} ${JSON.stringify(text(bytes))}`);
  return { key, body: [text(header), ...linesOf(lines), ...frames] };
}

function linesOf(bytes: Uint8Array): string[] {
  return text(bytes).trimEnd().split("\n");
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

const newline = 10;
