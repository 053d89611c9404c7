/** Standard output, standard error, `ctx.log`. */
export type LogChannel = 1 | 2 | 3;

export interface LogFrame {
  readonly channel: LogChannel;
  readonly bytes: Uint8Array;
}

/** One byte of channel, four of length. */
const headSize = 5;

/** Takes a piece of a log apart. Pieces hold whole frames. */
export function* logFrames(piece: Uint8Array): Generator<LogFrame> {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
  for (let at = 0; at < piece.length;) {
    const end = at + headSize + view.getUint32(at + 1);
    yield { channel: view.getUint8(at) as LogChannel, bytes: piece.subarray(at + headSize, end) };
    at = end;
  }
}
