import { setFlagsFromString } from "node:v8";

let done = false;

/**
 * Makes V8 wait longer before it optimizes a function, in this process and all of its threads: about 10 ms of a hot loop
 * instead of 1. What a worker and a client do once per thousand tasks would else be compiled by and by, which takes a fifth of the
 * processor's time from the tasks of a short job and is never repaid. To be called when threads are up, and processes started: code that Node
 * keeps compiled for its own modules is valid only under the settings that it was made with. Later versions than Node 20
 * count calls, and compile a first step quicker.
 */
export function optimizeLater(): void {
  if (done || !process.versions.v8.startsWith("11.")) return;
  done = true;
  setFlagsFromString(`--interrupt-budget=${bytecodes}`);
}

/** Bytes of bytecode that run before a function is looked at; 67,584 by default. */
const bytecodes = 1_000_000;
