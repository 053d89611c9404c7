import { OutputPipe } from "./output-pipe.ts";

/** Where one command's output goes, and where it is taken from. */
export interface Pair {
  readonly number: number;
  readonly out: OutputPipe;
  readonly err: OutputPipe;
  /** Both can be read, from now on. False: there are too many open files. */
  opens(): boolean;
  /** Who gets what the command of this moment writes. */
  deliver: (channel: 1 | 2, bytes: Buffer) => void | Promise<void>;
}

/** Opens nothing yet: most shells run one command. */
export function pairAt(number: number, out: string, err: string): Pair {
  const pair: Pair = {
    number,
    out: new OutputPipe(out, (bytes) => pair.deliver(1, bytes)),
    err: new OutputPipe(err, (bytes) => pair.deliver(2, bytes)),
    opens: () => pair.out.open() && pair.err.open(),
    deliver: () => undefined,
  };
  return pair;
}
