import type { Registrar } from "./registrar.ts";

/** What came of one test. */
export interface Row {
  readonly group: string;
  readonly test: string;
  readonly passed: boolean;
  /** What it failed with. */
  readonly error?: Error | undefined;
  readonly ms: number;
}

export interface RunOptions {
  /** Milliseconds after which a test has failed. Default 60,000. */
  readonly timeout?: number | undefined;
  /** Called with each row as it comes. */
  readonly onRow?: ((row: Row) => void) | undefined;
  /** Ends the run after the test that runs, which stops what it has started. The run rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a suite without a test runner, one test after the other in the order of the contract, and tells what came of each:
 * `runSuite((registrar) => storeSuite(registrar, open, facts))`. A failed test is a row, never a rejection.
 */
export async function runSuite(
  suite: (registrar: Registrar) => void,
  { timeout = 60_000, onRow, signal }: RunOptions = {},
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { group, test, body } of collected(suite)) {
    signal?.throwIfAborted();
    const begin = performance.now();
    const error = await failure(body, timeout);
    const row = { group, test, passed: error === undefined, error, ms: performance.now() - begin };
    rows.push(row);
    onRow?.(row);
  }
  signal?.throwIfAborted();
  return rows;
}

interface Collected {
  readonly group: string;
  readonly test: string;
  readonly body: () => Promise<void>;
}

function collected(suite: (registrar: Registrar) => void): readonly Collected[] {
  const tests: Collected[] = [];
  const groups: string[] = [];
  suite({
    describe(name, body) {
      groups.push(name);
      body();
      groups.pop();
    },
    test(name, body) {
      tests.push({ group: groups.join(" "), test: name, body });
    },
  });
  return tests;
}

async function failure(body: () => Promise<void>, timeout: number): Promise<Error | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It did not end within ${timeout / 1000} s.`)), timeout);
  });
  try {
    await Promise.race([body(), late]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(timer);
  }
}
