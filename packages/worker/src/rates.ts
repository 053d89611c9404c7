/** Seconds that a slot takes per task, measured for each submission: an average that follows. */
export class Rates {
  readonly #seconds = new Map<string, number>();

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
