import { SkyburstError } from "../../errors.ts";
import type { OutcomeLine } from "../../protocol/commit.ts";
import type { Facts } from "../../protocol/facts.ts";

const newline = 10;

/** The same lines, with each value that is in a blob put where it would be if it were small. */
export async function* wholeLines(facts: Facts, lines: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < lines.length;) {
    const end = lines.indexOf(newline, at) + 1;
    const line = lines.subarray(at, end);
    at = end;
    // A reference is the last of a few members; in a value the same letters are rare, and only cost a look.
    yield line.length < longestReference && Buffer.from(line.buffer, line.byteOffset, line.length).includes('"blob":{')
      ? await whole(facts, line)
      : line;
  }
}

/** A line that only refers to its value has no more than names and numbers. */
const longestReference = 1024;

async function whole(facts: Facts, line: Uint8Array): Promise<Uint8Array> {
  const outcome = JSON.parse(decoder.decode(line)) as OutcomeLine;
  if (outcome.status !== "succeeded" || outcome.blob === undefined) return line;
  const { index, task, status, attempts, seconds, blob } = outcome;
  const body = await facts.get(blob.key);
  if (!body) throw new SkyburstError("session", `The store lost ${blob.key}, the value of task ${task}.`);
  const members = valueMembers(body);
  const head = `{"index":${index},"task":${task},"status":"${status}"${members.length > 0 ? "," : ""}`;
  return Buffer.concat([Buffer.from(head), members, Buffer.from(`,"attempts":${attempts},"seconds":${seconds}}\n`)]);
}

/** `"value":…,"meta":…` as the blob's first line has them; attachments as base64, as a line has them. */
function valueMembers(blob: Uint8Array): Uint8Array {
  const end = blob.indexOf(newline);
  if (end === blob.length - 1) return blob.subarray(1, end - 1);
  const { bytes = [], ...rest } = JSON.parse(decoder.decode(blob.subarray(0, end))) as {
    readonly bytes?: readonly number[];
  };
  let at = end + 1;
  const attachments = bytes.map((length) =>
    Buffer.from(blob.buffer, blob.byteOffset + (at += length) - length, length).toString("base64"),
  );
  return Buffer.from(JSON.stringify({ ...rest, bytes: attachments }).slice(1, -1));
}

const decoder = new TextDecoder();
