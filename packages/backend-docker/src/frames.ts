/** Without a terminal, what a container prints comes in frames: channel, three bytes of nothing, length, bytes. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0);

  /** Text of the frames that have come whole. */
  take(bytes: Buffer): string {
    const all = Buffer.concat([this.#rest, bytes]);
    const parts: Buffer[] = [];
    let at = 0;
    while (at + head <= all.length) {
      const end = at + head + all.readUInt32BE(at + 4);
      if (end > all.length) break;
      parts.push(all.subarray(at + head, end));
      at = end;
    }
    this.#rest = all.subarray(at);
    return Buffer.concat(parts).toString();
  }
}

const head = 8;
