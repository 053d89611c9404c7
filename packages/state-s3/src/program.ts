import { isMainThread } from "node:worker_threads";
import { main, runThread } from "@skyburst/worker";
import { open } from "./store.ts";

if (isMainThread) await main({ module: "@skyburst/state-s3", store: open, program: import.meta.url });
else runThread();
