export { DirectoryStoreError } from "./errors.ts";
export { type DirectoryOptions, type Durability } from "./options.ts";
export { directory, open } from "./store.ts";
