/** An outcome line of a success. `value` is what `inlineValue` makes: members, each with a comma before it. */
export function successLine(index: number, task: number, value: string, attempts: number, ms: number): string {
  return `{"index":${index},"task":${task},"status":"succeeded"${value},"attempts":${attempts},"seconds":${secondsText(ms)}}\n`;
}

/** The index that a line begins with. */
export function indexOfLine(line: string): number {
  return Number.parseInt(line.slice('{"index":'.length), 10);
}

/** Milliseconds as JSON seconds, rounded to microseconds. */
function secondsText(ms: number): string {
  const microseconds = Math.round(ms * 1000);
  return microseconds < tabled ? (table[microseconds] ??= text(microseconds)) : text(microseconds);
}

/** Quick tasks take few different times, and making text of a number costs as much as the rest of the line. */
const tabled = 4096;
const table: (string | undefined)[] = Array.from({ length: tabled });

function text(microseconds: number): string {
  return (microseconds / 1e6).toFixed(6).replace(/\.?0+$/, "");
}
