import { sqlite } from "./store.ts";

/** Another object on one and the same file each time. */
export const store = () => sqlite("check.sqlite");

/** In what this store differs from others: its clock tells milliseconds. */
export const facts = { modifiedResolution: 1 };

export { open } from "./store.ts";
