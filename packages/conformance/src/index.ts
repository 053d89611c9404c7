export type { Registrar } from "./registrar.ts";
export { runSuite } from "./run-suite.ts";
export type { Row, RunOptions } from "./run-suite.ts";
export { storeSuite } from "./store/suite.ts";
export type { StoreFacts } from "./store/facts.ts";
export type { OpenStore } from "./store/stage.ts";
export { backendSuite } from "./backend/suite.ts";
export type { BackendFacts, BackendRole } from "./backend/facts.ts";
export type { OpenBackend } from "./backend/stage.ts";
