import { setTimeout } from "node:timers/promises";

/** Milliseconds between a task's first line and its work: so long does somebody who reads along have to come. */
const pause = 2000;

/** The first line of a task. It waits before it works, so that who follows its output is there when more comes. */
export async function begin(line: string): Promise<void> {
  console.log(line);
  await setTimeout(pause);
}

/** In seconds, as jobs say it of themselves. */
export const pauseSeconds = pause / 1000;
