import { expect, test } from "vitest";
import { connect, DomainState, TimeoutError } from "../../../src/index.js";
import { createTestHypervisor } from "../../../src/testing/index.js";

test("waiting for a state ends in time where the daemon does not answer any more", async () => {
  await using hypervisor = await createTestHypervisor();
  await using conn = await connect(hypervisor.uri);
  const domain = await conn.domainLookupByName("test");
  const waiting = domain.waitForState(DomainState.SHUTOFF, { timeoutMs: 100 });
  await hypervisor.waitForCall("Domain.getState");
  // It is not even answered that no more events are wanted.
  hypervisor.hold("*");
  await expect(waiting).rejects.toThrow(TimeoutError);
});
