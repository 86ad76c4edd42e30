import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminScenarios } from "./admin.js";
import { blockScenarios } from "./blocks.js";
import { connectionScenarios } from "./connection.js";
import { api } from "./coverage.js";
import { deviceScenarios } from "./devices.js";
import { testDomainScenarios } from "./domain-test.js";
import { eventScenarios } from "./events.js";
import { migrationScenarios } from "./migration.js";
import { networkScenarios } from "./network.js";
import { newerScenarios } from "./newer.js";
import { qemuScenarios } from "./qemu.js";
import { notCallable } from "./reasons.js";
import { storageScenarios } from "./storage.js";
import { streamScenarios } from "./streams.js";
import { World } from "./world.js";

const { UPDATE_COVERAGE } = process.env;
const table = new URL("../../../docs/coverage.md", import.meta.url);

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterAll(() => world.stop());

connectionScenarios(() => world);
testDomainScenarios(() => world);
storageScenarios(() => world);
networkScenarios(() => world);
deviceScenarios(() => world);
qemuScenarios(() => world);
blockScenarios(() => world);
streamScenarios(() => world);
eventScenarios(() => world);
migrationScenarios(() => world);
adminScenarios(() => world);
newerScenarios(() => world);

// Last: it tells of what came before.
describe("the suite", () => {
  it("has called every function, but for those with a reason", () => {
    const missing = [...api.keys()].filter((c) => !world.coverage.has(c));
    expect(missing).toEqual(Object.keys(notCallable));
  });

  it("agrees with docs/coverage.md", async () => {
    const report = world.coverage.report(notCallable);
    if (UPDATE_COVERAGE) await writeFile(table, report);
    expect(await readFile(table, "utf8")).toBe(report);
  });
});
