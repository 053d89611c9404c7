/**
 * What a run took against what it would have cost on one core.
 *
 * `work` is the sum of the seconds that the tasks ran, on whichever core; `elapsed` is what the person waited, from
 * opening the session to the last result.
 */
export function receipt(run: { work: number; elapsed: number; tasks: number; workers: number }): string {
  const { work, elapsed, tasks, workers } = run;
  const crew = workers === 1 ? "1 worker" : `${workers} workers`;
  return (
    `${tasks.toLocaleString("en")} tasks on ${crew}: ${work.toFixed(2)} s of work for one core, ` +
    `done in ${elapsed.toFixed(2)} s (${(work / elapsed).toFixed(1)} times as fast).`
  );
}
