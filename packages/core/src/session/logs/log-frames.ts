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

/** Puts frames together to a piece. */
export function frameBytes(frames: readonly LogFrame[]): Uint8Array {
  const bytes = new Uint8Array(frames.reduce((sum, frame) => sum + headSize + frame.bytes.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const frame of frames) {
    view.setUint8(at, frame.channel);
    view.setUint32(at + 1, frame.bytes.length);
    bytes.set(frame.bytes, at + headSize);
    at += headSize + frame.bytes.length;
  }
  return bytes;
}
