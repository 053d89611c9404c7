import type { Entry } from "./entry.ts";
import { LookPace } from "./look-pace.ts";
import type { QueueShell } from "./queue-shell.ts";

/** What is watched. */
export interface Watched {
  readonly shell: QueueShell | undefined;
  /** What the shell has; the first is the one that runs. */
  readonly sent: readonly Entry[];
  /** Takes the reports that there are. False: there are none. */
  look(): boolean;
  /** Has the command's limits watched from now on, if they are not. */
  attend(running: Entry): void;
}

/**
 * Looks at reports in groups while commands are short. While one takes its time, and when it is the only one, each report and
 * what it writes are heard at once.
 */
export class QueueWatch {
  readonly #watched: Watched;
  readonly #pace = new LookPace();
  #looking: NodeJS.Timeout | undefined;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** So many reports were taken, which took so many milliseconds to come. */
  heard(reports: number, time: number): void {
    this.#pace.heard(reports, time);
    this.stop();
  }

  /** To be called when the shell has got commands, or has told of some. */
  watch(): void {
    const { shell, sent } = this.#watched;
    const [running] = sent;
    if (!running || !shell) return;
    // Of a group, most end before anybody could end them. To abort them takes them back, which attends as well.
    if (running.options.timeout !== undefined) this.#watched.attend(running);
    if (sent.length < GROUP) {
      this.stop();
      this.#listen();
    } else if (!this.#looking) {
      shell.pause();
      this.#lookIn(this.#pace.until(sent.length), () => this.#await());
    }
  }

  stop(): void {
    clearTimeout(this.#looking);
    this.#looking = undefined;
  }

  /** It is not over as soon as was expected: its report is heard at once from now on, and soon what it writes. */
  #await(): void {
    const { shell, sent } = this.#watched;
    const [running] = sent;
    if (!running?.pair) return;
    this.#watched.attend(running);
    shell?.listen();
    const writes = [running.pair.out.peek(false), running.pair.err.peek(running.quick)].some(Boolean);
    if (writes) this.#listen();
    else this.#lookIn(PATIENCE, () => this.#listen());
  }

  #listen(): void {
    const { shell, sent } = this.#watched;
    const [running] = sent;
    if (!running?.pair) return;
    this.#watched.attend(running);
    shell?.listen();
    running.pair.out.follow(false);
    running.pair.err.follow(running.quick);
  }

  /** @param otherwise What is done when there is no report. */
  #lookIn(milliseconds: number, otherwise: () => void): void {
    this.#looking = setTimeout(() => {
      this.#looking = undefined;
      if (!this.#watched.look()) otherwise();
    }, milliseconds);
  }
}

/** From so many commands on that the shell has, it is left to itself meanwhile. */
export const GROUP = 4;
/** Milliseconds for which a command that is late is left to itself, as long as it writes nothing: to follow it costs more than to run it. */
const PATIENCE = 25;
