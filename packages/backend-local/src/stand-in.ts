import { runStandIn } from "@skyburst/core";
import { local } from "./backend.ts";

// What a worker of this machine starts when nobody supervises its session any more.
await runStandIn(local);
