import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

const conditions = ["@fleetquake/source"];
const measuring = [
  "test/integration/agent-load.test.ts",
  "test/integration/agent-load-limits.test.ts",
  "test/integration/redis-entra.test.ts",
  "test/integration/status-under-fire.test.ts",
  // At full size it holds the fleet to the seconds that are promised; the short form has more patience.
  ...(process.env["FLEETQUAKE_TEST_SIZE"] === "full"
    ? ["test/integration/fault-matrix.test.ts"]
    : []),
];

export default defineConfig({
  // Without Vite's own condition "module": Node, which loads the libraries, does not know it, nor what some put behind it.
  resolve: { conditions: [...conditions, "node", "import", "default"] },
  ssr: { resolve: { conditions: [...conditions, "node"] } },
  test: {
    sequence: { sequencer: LongestFirst },
    // A condition that is waited for has as long as a slow machine needs; vitest's own second is no such span.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts"],
          // They share no state and replace no module; a process for each file takes five times as long.
          isolate: false,
          testTimeout: 30_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "infra",
          include: ["test/infra/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
      // Four files at a time, since most of them wait most of the time; without a process for each file, which would load and
      // transform the same modules again. After the unit tests, since they start whole fleets.
      {
        extends: true,
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          exclude: measuring,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          isolate: false,
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
      // One file after the other, alone: they compare processor times and latencies of one run, or have tokens of 3 s.
      {
        extends: true,
        test: {
          name: "measuring",
          include: measuring,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
