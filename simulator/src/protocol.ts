// What the simulator takes of the code under test beyond its entries.
export {
  jsonBody,
  parseCommit,
  parseEntry,
  parseJson,
  storeErrorCode,
  type Facts,
  type Lease,
} from "../../packages/core/src/protocol/index.ts";
export { withHeader } from "../../packages/core/src/protocol/lines.ts";
