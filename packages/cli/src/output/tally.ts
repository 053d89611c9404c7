import type { OutcomeLines } from "@skyburst/core";
import type { StoreFlags } from "../stack.ts";
import { typed } from "../typed.ts";

/** Failed indexes that a summary names at most. */
const named = 5;

/** Counts outcomes out of their lines; lines that are known to say `succeeded` aren't looked at. */
export class Tally {
  done = 0;
  failed = 0;
  cancelled = 0;
  readonly failures: number[] = [];
  /** How the first task that ended its workers can be run again. */
  #again: readonly string[] | undefined;

  add({ lines, count, clean }: OutcomeLines): void {
    this.done += count;
    if (!clean) for (const { head, whole } of heads(lines)) this.#addOne(head, whole);
  }

  get exitCode(): 0 | 1 {
    return this.failed + this.cancelled > 0 ? 1 : 0;
  }

  /** undefined: all succeeded. `flags` are those with which the session was found. */
  summary(what: string, flags: StoreFlags = {}): string | undefined {
    const { failed, cancelled, done } = this;
    if (failed + cancelled === 0) return undefined;
    const which = `${this.failures.join(", ")}${failed > this.failures.length ? ", …" : ""}`;
    const parts = [
      failed > 0 ? `${failed} of ${done} ${what} failed (${which})` : "",
      cancelled > 0 ? `${cancelled} of ${done} ${what} were cancelled` : "",
    ];
    const again = this.#again && `to run task ${this.#again[3]} alone, here: ${typed(this.#again, flags)}`;
    return [...parts, again ?? ""].filter((part) => part !== "").join("; ");
  }

  #addOne(head: string, whole: () => string): void {
    const [, index, status] = /^\{"index":(\d+),"task":\d+,"status":"(\w+)"/.exec(head) ?? [];
    if (status === "cancelled") this.cancelled++;
    if (status !== "failed") return;
    this.failed++;
    this.#again ??= / (reproduce \S+ --task \d+)"/.exec(whole())?.[1]?.split(" ");
    if (this.failures.length < named) this.failures.push(Number(index));
  }
}

/** The beginning of each line: index, task and status come first, and are short. */
function* heads(lines: Uint8Array): Generator<{ readonly head: string; readonly whole: () => string }> {
  const buffer = Buffer.from(lines.buffer, lines.byteOffset, lines.length);
  for (let at = 0, end = 0; at < buffer.length; at = end + 1) {
    end = buffer.indexOf(10, at);
    if (end < 0) end = buffer.length;
    const [from, to] = [at, end];
    const head = buffer.toString("latin1", from, Math.min(from + headLength, to));
    yield { head, whole: () => buffer.toString("latin1", from, to) };
  }
}

const headLength = 80;
