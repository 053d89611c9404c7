import { defineConfig } from "tsup";
import { library } from "../tsup.base.ts";

// Built, so that no program that is measured pays for the compilation of its own source.
export default defineConfig(
  library({
    index: "src/index.ts",
    tasks: "src/tasks.ts",
    ballast: "src/programs/ballast.ts",
    memory: "src/programs/memory.ts",
    loop: "src/programs/loop.ts",
    piscina: "src/programs/piscina.ts",
    session: "src/programs/session.ts",
    takeover: "src/programs/takeover.ts",
    follow: "src/programs/follow.ts",
    launch: "src/programs/launch.ts",
    maps: "src/programs/maps.ts",
    requests: "src/programs/requests.ts",
    count: "src/programs/count.ts",
    attach: "src/programs/attach.ts",
    collect: "src/programs/collect.ts",
    crowd: "src/programs/crowd.ts",
    "crowd-workers": "src/programs/crowd-workers.ts",
    queue: "src/programs/queue.ts",
    "queue-worker": "src/programs/queue-worker.ts",
  }),
);
