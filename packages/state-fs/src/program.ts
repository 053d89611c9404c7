import { main } from "@skyburst/worker";
import { open } from "./store.ts";

await main({ module: "@skyburst/state-fs", store: open, program: import.meta.url });
