/** What becomes of each item, in order, with up to `width` of them on their way: where one takes its time, several take no longer. */
export async function* inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<readonly [Item, Result]> {
  const waiting = items.values();
  const running: Promise<Result>[] = [];
  for (const item of items) {
    while (running.length < width) {
      const next = waiting.next();
      if (next.done) break;
      const started = work(next.value);
      // Whoever takes it hears of it; who stops before has no use for it.
      started.catch(() => undefined);
      running.push(started);
    }
    const first = running.shift();
    if (first) yield [item, await first];
  }
}
