import { runThread } from "./thread/run-thread.ts";

// What a thread is started with: no more than a thread needs, because every thread parses it.
runThread();
