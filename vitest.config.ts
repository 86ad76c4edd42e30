import { defineConfig } from "vitest/config";

const { CI } = process.env;

export default defineConfig({
  test: {
    reporters: CI ? ["default", "json"] : ["default"],
    outputFile: { json: "node_modules/.cache/virtwire/test-results.json" },
    projects: [
      // A busy machine may be slow: the limit is for what hangs.
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 30_000 } },
      {
        test: {
          name: "integration",
          include: ["test/{integration,interop}/**/*.test.ts"],
          globalSetup: "test/support/warm-up.ts",
          // After the unit tests, and few at once: every file has daemons and guests of its own.
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
          // Where others use the machine as well, daemons may be late once; scripts/tally.ts tells when they were.
          retry: CI ? 1 : 0,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
