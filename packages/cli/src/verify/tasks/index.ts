export { burn } from "./burn.ts";
export { compile } from "./compile.ts";
export { fitLine } from "./fit-line.ts";
export { sortAndHash } from "./sort-and-hash.ts";
export { touchMemory } from "./touch-memory.ts";
