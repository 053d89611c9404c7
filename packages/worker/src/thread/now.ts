/**
 * Milliseconds on this thread's clock. Taken before any task runs: tasks share the global object, and some replace what is on
 * it, as fake timers do.
 */
export const now: () => number = performance.now.bind(performance);
