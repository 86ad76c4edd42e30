import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { knownDifferences } from "../support/model/differences.js";
import { step } from "../support/model/operations.js";
import { compareSteps } from "../support/model/play.js";

// Programs that nobody wrote are run on libvirtd's test driver and on ours. Each time they are others; to have one
// again: MODEL_SEED=… npx vitest run test/integration/embedded-model.test.ts
// MODEL_STEPS is their length, and MODEL_URI the test driver of another daemon to compare with.

const { MODEL_SEED, MODEL_STEPS, MODEL_URI } = process.env;
const seed = Number(MODEL_SEED ?? Math.trunc(Math.random() * 2 ** 31));
const length = Number(MODEL_STEPS ?? 1500);

let libvirtd: Libvirtd;
let directory: string;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
  directory = await mkdtemp(join(tmpdir(), "virtwire-model-"));
});

afterAll(async () => {
  await libvirtd.stop();
  await rm(directory, { recursive: true });
});

test("generated programs meet the same on libvirtd's test driver and on ours", async () => {
  console.info(`${length} steps with MODEL_SEED=${seed}`);
  const uris = { theirs: MODEL_URI ?? libvirtd.uri("test"), ours: "test:///default" };
  let runs = 0;
  const property = fc.asyncProperty(fc.array(step, { maxLength: length }), async (steps) => {
    const difference = await compareSteps(steps, uris, join(directory, String(runs++)));
    expect(difference).toBeUndefined();
  });
  // Given as an example, it has its whole length, and can still be made smaller where something differs.
  const whole = fc.array(step, { minLength: length, maxLength: length });
  const examples = fc.sample(whole, { seed, numRuns: 1 }).map((steps): [typeof steps] => [steps]);
  await fc.assert(property, { seed, numRuns: 1, examples, interruptAfterTimeLimit: 40_000 });
});

test("what is not compared is a known difference", async () => {
  const page = await readFile(new URL("../../docs/test-driver.md", import.meta.url), "utf8");
  const rows = page.split("\n").map((line) => line.split(" | ")[0]?.slice("| ".length));
  for (const what of Object.keys(knownDifferences)) expect(rows).toContain(what);
});
