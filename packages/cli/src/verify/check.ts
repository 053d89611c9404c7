/** One thing that a job was to show, and what it showed. */
export interface Check {
  readonly name: string;
  readonly passed: boolean;
  /** For people. */
  readonly expected: string;
  readonly found: string;
}

/** Both are plain JSON values; text is shown as it is. */
export function same(name: string, expected: unknown, found: unknown): Check {
  const passed = JSON.stringify(expected) === JSON.stringify(found);
  return { name, passed, expected: shown(expected), found: shown(found) };
}

export function atMost(name: string, most: number, found: number, unit: string): Check {
  return {
    name,
    passed: found <= most,
    expected: `at most ${rounded(most)} ${unit}`,
    found: `${rounded(found)} ${unit}`,
  };
}

export function atLeast(name: string, least: number, found: number, unit: string): Check {
  return {
    name,
    passed: found >= least,
    expected: `at least ${rounded(least)} ${unit}`,
    found: `${rounded(found)} ${unit}`,
  };
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function rounded(amount: number): string {
  return amount.toLocaleString("en-US", { maximumFractionDigits: 2 });
}
