export { gc, type Garbage, type GarbageReason, type GcOptions } from "./gc.ts";
export { removeSession, type Removed, type RemoveOptions } from "./remove-session.ts";
export { sweepSessions } from "./sweep.ts";
export { teardown, type TeardownOptions, type TornDown } from "./teardown.ts";
