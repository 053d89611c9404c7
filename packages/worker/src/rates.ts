/**
 * Seconds that a slot takes per task, measured for each submission: an average that follows. A slot's first assignment is
 * told apart, since loading the program is no part of any task: there the task's own time counts.
 */
export class Rates {
  readonly #seconds = new Map<string, number>();
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

  add(submission: string, tasks: number, seconds: number): void {
    if (tasks === 0) return;
    const measured = seconds / tasks;
    const before = this.#seconds.get(submission);
    this.#seconds.set(submission, before === undefined ? measured : before * 0.7 + measured * 0.3);
  }
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
