export { unavailable } from "./available.ts";
export type { Engine, S3Engine } from "./engine.ts";
export { faultyProxy, type Fault, type FaultyProxy, type ProxiedRequest } from "./faulty-proxy.ts";
export { freePort } from "./free-port.ts";
export { installAll } from "./install.ts";
export { ministack } from "./ministack.ts";
export { s3rver } from "./s3rver.ts";
export { ServerProcess, type ServerProgram } from "./server-process.ts";
export { type Versitygw, versitygw } from "./versitygw.ts";
