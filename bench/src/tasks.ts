/** Gives back what it was given: what is left is the cost of running a task at all. */
export function same<Value>(value: Value): Value {
  return value;
}

/** Gives back what it was given, unless that is nothing: then it never ends. */
export function sameUnlessNull<Value>(value: Value): Value | Promise<never> {
  return value ?? new Promise<never>(() => undefined);
}

/** The same for many at a time: what a user writes who cuts the inputs into batches by hand. */
export function sameOfEach(values: readonly unknown[]): unknown[] {
  return values.map((value) => same(value));
}

/** Keeps a core busy with work of a fixed size, which comes to a number that depends on all of it. */
export function spin({ seed, rounds }: { readonly seed: number; readonly rounds: number }): number {
  let state = seed >>> 0;
  for (let round = 0; round < rounds; round++) state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state;
}
