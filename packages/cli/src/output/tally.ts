import type { OutcomeLines } from "@skyburst/core";

/** Failed indexes that a summary names at most. */
const named = 5;

/** Counts outcomes out of their lines; lines that are known to say `succeeded` aren't looked at. */
export class Tally {
  done = 0;
  failed = 0;
  cancelled = 0;
  readonly failures: number[] = [];

  add({ lines, count, clean }: OutcomeLines): void {
    this.done += count;
    if (!clean) for (const head of heads(lines)) this.#addOne(head);
  }

  get exitCode(): 0 | 1 {
    return this.failed + this.cancelled > 0 ? 1 : 0;
  }

  /** undefined: all succeeded. */
  summary(what: string): string | undefined {
    const { failed, cancelled, done } = this;
    if (failed + cancelled === 0) return undefined;
    const which = `${this.failures.join(", ")}${failed > this.failures.length ? ", …" : ""}`;
    const parts = [
      failed > 0 ? `${failed} of ${done} ${what} failed (${which})` : "",
      cancelled > 0 ? `${cancelled} of ${done} ${what} were cancelled` : "",
    ];
    return parts.filter((part) => part !== "").join("; ");
  }

  #addOne(head: string): void {
    const [, index, status] = /^\{"index":(\d+),"task":\d+,"status":"(\w+)"/.exec(head) ?? [];
    if (status === "cancelled") this.cancelled++;
    if (status !== "failed") return;
    this.failed++;
    if (this.failures.length < named) this.failures.push(Number(index));
  }
}

/** The beginning of each line: index, task and status come first, and are short. */
function* heads(lines: Uint8Array): Generator<string> {
  const buffer = Buffer.from(lines.buffer, lines.byteOffset, lines.length);
  for (let at = 0; at < buffer.length; at = buffer.indexOf(10, at) + 1)
    yield buffer.toString("latin1", at, Math.min(at + headLength, buffer.length));
}

const headLength = 80;
