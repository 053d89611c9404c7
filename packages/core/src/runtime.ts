/** Time and chance, injected everywhere, so that a whole session can run in virtual time from a seed. */
export interface Runtime {
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` fires. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `ring` once after `ms` milliseconds, unless what it returns is called before. Cheap: for waits that are mostly cut short. */
  timer(ms: number, ring: () => void): () => void;
  /** In [0, 1). */
  random(): number;
}

export const systemRuntime: Runtime = {
  monotonic: () => performance.now(),
  sleep,
  timer(ms, ring) {
    const timeout = setTimeout(ring, ms);
    return () => clearTimeout(timeout);
  },
  random: () => Math.random(),
};

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Letters and digits that no two readers confuse (Crockford's base 32). */
export function randomText(runtime: Runtime, length: number): string {
  let text = "";
  for (let n = 0; n < length; n++) text += alphabet[Math.floor(runtime.random() * 32)];
  return text;
}
