import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Workspace packages resolve through their own `exports`, to `dist`: tests see what users get.
export default defineConfig({
  test: {
    include: [
      "packages/*/{src,test}/**/*.test.ts",
      "apps/*/{src,test}/**/*.test.ts",
      "bench/{src,test}/**/*.test.ts",
      "simulator/test/**/*.test.ts",
      "tests/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/dist/**"],
    typecheck: {
      enabled: true,
      checker: "tsc",
      include: ["packages/*/{src,test}/**/*.test-d.ts", "tests/**/*.test-d.ts"],
      tsconfig: "tsconfig.types.json",
    },
    pool: "forks",
    // Many tests wait for processes more than they compute: of two cores, one file at a time would leave half unused.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A bound for what hangs, not a measure: tests start real processes on machines of two cores.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
