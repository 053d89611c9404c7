export { runStandIn } from "./stand-in.ts";
export { supervise, type SuperviseEnd, type SuperviseOptions } from "./supervise.ts";
