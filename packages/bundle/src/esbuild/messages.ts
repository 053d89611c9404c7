import { isAbsolute, relative, resolve } from "node:path";

export interface Message {
  readonly kind: "error" | "warning";
  readonly text: string;
  /** esbuild's name for the kind of warning, such as `require-resolve-not-external`. */
  readonly id?: string;
  readonly location?: Location;
}

interface Location {
  /** As esbuild writes it: relative to the directory that it ran in. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, as editors and stacks count; esbuild's own report counts from 0. */
  readonly column: number;
}

/** Reads esbuild's report: headlines, each followed by where it is, a code frame and notes. Pure. */
export function readMessages(report: string): Message[] {
  const lines = report.split(/\r?\n/);
  return lines.flatMap((line, at) => {
    const headline = /^\S+ \[(ERROR|WARNING)\] (.*?)(?: \[([a-z-]+)\])?$/.exec(line);
    if (headline === null) return [];
    const [, kind, text = "", id] = headline;
    const location = readLocation(lines[at + 2] ?? "");
    return [
      {
        kind: kind === "ERROR" ? ("error" as const) : ("warning" as const),
        text,
        ...(id === undefined ? {} : { id }),
        ...(location === undefined ? {} : { location }),
      },
    ];
  });
}

function readLocation(line: string): Location | undefined {
  const match = /^ {4}(.+):(\d+):(\d+):$/.exec(line);
  return match === null ? undefined : { file: match[1] ?? "", line: Number(match[2]), column: Number(match[3]) + 1 };
}

/** `src/task.ts:3:9: text`, the file as seen from the working directory; absolute when it lies outside. */
export function oneLine({ text, location }: Message, directory: string): string {
  if (location === undefined) return text;
  const file = resolve(directory, location.file);
  const short = relative("", file);
  const shown = short.startsWith("..") || isAbsolute(short) ? file : short;
  return `${shown}:${location.line}:${location.column}: ${text}`;
}
