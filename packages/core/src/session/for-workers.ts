export { wholeLines } from "./collect/whole-lines.ts";
export { ChunkLogs, logFrames, type LogChannel, type LogFrame, type LogPiece } from "./logs/index.ts";
export { lastWords, readPresence, type Presence } from "./status/presence.ts";
export { SupervisorLease } from "./supervise/supervisor-lease.ts";
export { sizeInWords } from "../size-in-words.ts";
export { newSessionId } from "./session-id.ts";
export { storeId } from "../protocol/store-id.ts";
export { optimizeLater } from "../optimize-later.ts";
