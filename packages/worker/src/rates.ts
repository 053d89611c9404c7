/**
 * What a task takes of a slot, and bytes of its outcome, measured for each submission: averages that follow. A slot's first assignment is
 * told apart, since loading the program is no part of any task: there the task's own time counts.
 */
export class Rates {
  readonly #seconds = new Map<string, number>();
  readonly #bytes = new Map<string, number>();
  readonly #warm = new Set<string>();

  /** Whether this slot ran tasks of the submission before; true from now on. */
  isWarm(slot: number, submission: string): boolean {
    const name = `${slot}/${submission}`;
    if (this.#warm.has(name)) return true;
    this.#warm.add(name);
    return false;
  }

  of(submission: string): number | undefined {
    return this.#seconds.get(submission);
  }

  /** Bytes of an outcome line. */
  bytesOf(submission: string): number | undefined {
    return this.#bytes.get(submission);
  }

  add(submission: string, tasks: number, seconds: number): void {
    follow(this.#seconds, submission, tasks, seconds);
  }

  addLines(submission: string, lines: number, bytes: number): void {
    follow(this.#bytes, submission, lines, bytes);
  }
}

function follow(averages: Map<string, number>, name: string, count: number, sum: number): void {
  if (count === 0) return;
  const measured = sum / count;
  const before = averages.get(name);
  averages.set(name, before === undefined ? measured : before * 0.7 + measured * 0.3);
}

/** The run time that the last of these outcome lines tells. */
export function lastSeconds(lines: Uint8Array): number {
  const tail = Buffer.from(
    lines.buffer,
    lines.byteOffset + Math.max(0, lines.byteLength - 64),
    Math.min(64, lines.byteLength),
  ).toString("latin1");
  return Number(/"seconds":([\d.e-]+)\}\n$/.exec(tail)?.[1] ?? 0);
}
