/**
 * Counts vitest's JSON report for .ci/run and prints "PASSED FAILED".
 *
 * A test against real programs that was skipped counts as failed: it would otherwise look as if they had been asked. So
 * does a file that could not be loaded, in which no test is there to fail.
 */
import { readFileSync } from "node:fs";

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: tally.ts REPORT");
const report = JSON.parse(readFileSync(path, "utf8")) as Report;

let passed = 0;
let failed = 0;
for (const file of report.testResults) {
  const failedBefore = failed;
  for (const test of file.assertionResults) {
    if (test.status === "passed") {
      passed++;
      if (test.failureMessages.length > 0) {
        console.error(
          `passed at the second try: ${test.fullName}: ${test.failureMessages[0]!.split("\n", 1)}`,
        );
      }
    } else if (test.status === "failed") {
      failed++;
    } else if (/\/test\/(integration|interop)\//.test(file.name)) {
      failed++;
      console.error(`not run: ${test.fullName}`);
    }
  }
  if (file.status === "failed" && failed === failedBefore) failed++;
}
console.log(`${passed} ${failed}`);
