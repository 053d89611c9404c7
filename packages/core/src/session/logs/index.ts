export { ChunkLogs, type LogPiece } from "./chunk-logs.ts";
export { logFrames, type LogChannel, type LogFrame } from "./log-frames.ts";
