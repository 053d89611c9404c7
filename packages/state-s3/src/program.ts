import { main } from "@skyburst/worker";
import { open } from "./store.ts";

await main({ module: "@skyburst/state-s3", store: open, program: import.meta.url });
