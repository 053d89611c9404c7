/** Waits no longer than until the signal fires; what the engine was asked for it goes on with. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const given = new AbortController();
  const fired = new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true, signal: given.signal }),
  );
  try {
    return await Promise.race([work, fired]);
  } finally {
    given.abort();
    work.catch(ignore);
  }
}

function ignore(): void {
  // Nobody waits for it any more.
}
