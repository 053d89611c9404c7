import type { Entry } from "../store.ts";
import type { Facts } from "./facts.ts";

export interface ChunkStart {
  /** `<s>.<i>`, as keys have it. */
  readonly name: string;
  /** Key behind which something new may be; what is told may begin before it. */
  readonly after?: string | undefined;
}

/**
 * What stands below a prefix for these chunks, which come in key order: page after page, each from the first chunk on that no
 * page before it told whole. What lies between chunks that are far apart is not listed.
 *
 * @param heard Told of each page when it was listed, store time.
 */
export async function* listChunks(
  facts: Facts,
  prefix: string,
  chunks: Iterable<ChunkStart>,
  heard?: (now: number) => void,
): AsyncGenerator<Entry> {
  /** All keys up to this one were told. */
  let told = prefix;
  for (const { name, after = prefix + name } of chunks) {
    const chunk = prefix + name;
    const isBehind = () => told > chunk && !told.startsWith(chunk);
    if (isBehind()) continue;
    let ended = true;
    for await (const { now, entries } of facts.list(prefix, { after: told > after ? told : after })) {
      heard?.(now);
      yield* entries;
      told = entries.at(-1)?.key ?? told;
      if (!isBehind()) continue;
      ended = false;
      break;
    }
    if (ended) return;
  }
}
