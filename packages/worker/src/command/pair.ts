import { OutputPipe } from "./output-pipe.ts";

/** Where one command's output goes, and where it is taken from. */
export interface Pair {
  readonly number: number;
  readonly out: OutputPipe;
  readonly err: OutputPipe;
  /** Who gets what the command of this moment writes. */
  deliver: (channel: 1 | 2, bytes: Buffer) => void | Promise<void>;
}

export function openPair(number: number, out: string, err: string): Pair {
  const pair: Pair = {
    number,
    out: new OutputPipe(out, (bytes) => pair.deliver(1, bytes)),
    err: new OutputPipe(err, (bytes) => pair.deliver(2, bytes)),
    deliver: () => undefined,
  };
  return pair;
}
