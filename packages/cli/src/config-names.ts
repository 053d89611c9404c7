/** The configuration of a directory: the first of these that is there. */
export const configNames = ["skyburst.config.ts", "skyburst.config.mts", "skyburst.config.js", "skyburst.config.mjs"];
