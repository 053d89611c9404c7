import type { Found } from "./found.ts";
import { ToldChunks } from "./told-chunks.ts";
import type { Left } from "./told-chunks.ts";
import { workerName } from "./worker-name.ts";

/**
 * Which facts of a session were told. What is written one after the other is a number; of workers it is a set; of tasks as good as
 * nothing is kept of what is over, so that it takes little memory however many there are.
 */
export class Told {
  /** Entries, supervisors and launches before these numbers. */
  entries = 0;
  supervisors = 1;
  launches = 0;
  readonly answers = new Set<number>();
  readonly births = new Set<string>();
  readonly exits = new Set<string>();
  /** Processes whose end was told of, by whatever fact. */
  readonly ended = new Set<string>();
  readonly gones = new Set<string>();
  readonly chunks = new ToldChunks();
  /** When the newest of them was written, store time. */
  newest = 0;
  /** Who was told to supervise. */
  supervisor: string | undefined;
  /** Of the facts with these keys so many events were given out, and not yet all: a reading stopped there. */
  readonly parts = new Map<string, number>();

  /** @param left What a turn leaves to be done; of its last commit only. */
  tell(found: Found, left?: Left): void {
    this.newest = Math.max(this.newest, found.at);
    switch (found.kind) {
      case "entry":
        this.entries = found.id + 1;
        return;
      case "supervisor":
        this.supervisors = found.id + 1;
        return;
      case "launch":
        this.launches = found.id + 1;
        return;
      case "answer":
        this.answers.add(found.id);
        return;
      case "birth":
        this.births.add(found.id);
        return;
      case "exit":
        this.exits.add(found.id);
        return;
      case "gone":
        this.gones.add(found.id);
        return;
      case "lease":
        return this.chunks.leased(found);
      case "commit":
        return found.range
          ? this.chunks.committed(found.chunk, found.range)
          : this.chunks.done(found.chunk, left ?? nothing);
    }
  }

  /** The end of a process is about to be told of. false: it was before. */
  ends(process: string): boolean {
    const isNew = !this.ended.has(process);
    this.ended.add(process);
    return isNew;
  }

  /** Some worker was born and is not gone, as far as was told. */
  get anybody(): boolean {
    const gone = new Set([...this.gones].map(workerName));
    return [...this.births].some((id) => !gone.has(workerName(id)));
  }
}

const nothing: Left = { again: false, failed: false, grant: 0 };
