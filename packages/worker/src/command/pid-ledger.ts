import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";

/**
 * The file into which a loop writes `number pid` of each command that it starts. Node reads it only when it wants to kill: to be
 * told of each pid would cost a wake-up per command.
 */
export class PidLedger {
  readonly fd: number;
  #begun = 0;

  /** The file may be unlinked at once. */
  constructor(path: string) {
    this.fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND, 0o600);
  }

  /** To be called before each command, so that the file stays small. */
  begin(): void {
    this.#begun += 1;
    if (this.#begun % SHORTEN_EVERY === 0) ftruncateSync(this.fd, 0);
  }

  /** The pid, which is its process group too, or undefined as long as the loop hasn't started that command. */
  find(number: number): number | undefined {
    const { size } = fstatSync(this.fd);
    const tail = Buffer.alloc(LONGEST_LINE);
    const length = readSync(this.fd, tail, 0, tail.length, Math.max(0, size - tail.length));
    const [of, pid] = tail.toString("latin1", 0, length).trimEnd().split("\n").at(-1)?.split(" ") ?? [];
    return Number(of) === number && pid !== undefined ? Number(pid) : undefined;
  }

  close(): void {
    closeSync(this.fd);
  }
}

const SHORTEN_EVERY = 4_096;
const LONGEST_LINE = 64;
