import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

/** Most of a minute alone, or more: begun last, one of them would keep everybody waiting. */
const slowest = [
  "tests/docs",
  "simulator/test/simulator",
  "tests/faults/outlive-chaos",
  "tests/faults/outlive",
  "tests/faults/fleet-launch",
  "simulator/test/fleet",
  "tests/faults/outlive-cancel",
  "tests/faults/fleet-never",
  "tests/faults/outlive-steer",
];

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      slowest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
    const sorted = await super.sort(files);
    const slow = sorted.filter((file) => rank(file) >= 0).sort((a, b) => rank(a) - rank(b));
    return [...slow, ...sorted.filter((file) => rank(file) < 0)];
  }
}

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
    // Each test file has a Docker Engine of its own: what Node.js comes from elsewhere is a test of its own as well.
    env: { SKYBURST_DOCKER_NODE: "host" },
    pool: "forks",
    // Many tests wait for processes more than they compute: of two cores, one file at a time would leave half unused.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: SlowestFirst },
    // A bound for what hangs, not a measure: tests start real processes on machines of two cores.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
