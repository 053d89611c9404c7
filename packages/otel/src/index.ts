export { observe, type Observation, type ObserveOptions } from "./observe.ts";
