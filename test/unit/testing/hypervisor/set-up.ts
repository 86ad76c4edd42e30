import { onTestFinished } from "vitest";
import { connect } from "../../../../src/index.js";
import { createTestHypervisor } from "../../../../src/testing/index.js";

/** A hypervisor with the default world, a connection to it and its domain, for the test that runs. */
export async function setUp() {
  const hypervisor = await createTestHypervisor();
  const conn = await connect(hypervisor.uri);
  onTestFinished(async () => {
    await conn.close();
    await hypervisor.close();
  });
  return { hypervisor, conn, domain: await conn.domainLookupByName("test") };
}
