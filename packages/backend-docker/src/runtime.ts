/** A file of the worker's volume, as this machine has it. */
export interface RuntimeFile {
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

/** Node.js with its loader and libraries: what runs in an image that has none of them. */
export interface Runtime {
  /** Of Node.js, as `22.11.0`. */
  readonly version: string;
  /** Where it is from, as a message names it. */
  readonly source: string;
  readonly files: readonly RuntimeFile[];
}

/** Where it is in the container. The loader is named by its own path, since images may have none. */
export const home = "/skyburst";
export const command = [`${home}/lib/loader`, "--library-path", `${home}/lib`, `${home}/node`] as const;

/** Only a volume that has it is whole: who filled it may have been killed. It says what is in there. */
export const mark = `${home}/.whole`;

/** What {@link mark} says. */
export interface Contents {
  /** Version of Node.js. */
  readonly node: string;
  readonly source: string;
  /** When Node.js was taken from there, in milliseconds since the epoch. */
  readonly taken: number;
}
