import { expect, it } from "vitest";
import { UnsupportedError } from "../../../src/index.js";
import { type Both, type Call, parts } from "./both.js";
import { api, type Coverage } from "./coverage.js";
import type { World } from "./world.js";

/** Calls of what libvirt 9.0 does not have yet. The C client of that age has no function for them either. */
const calls: { readonly [find: string]: readonly Call[] } = {
  virDomainLookupByName: [
    ["virDomainAnnounceInterface", null, {}, 0],
    ["virDomainDelThrottleGroup", "group", 0],
    "virDomainGetAutostartOnce",
    ["virDomainGraphicsReload", 0, 0],
    ["virDomainSetAutostartOnce", true],
    ["virDomainSetThrottleGroup", "group", {}, 0],
  ],
  virNetworkLookupByName: [
    ["virNetworkGetMetadata", 0, null, 0],
    ["virNetworkSetMetadata", 0, "text", null, null, 0],
  ],
  virNodeDeviceLookupByName: [["virNodeDeviceUpdate", "<device/>", 0]],
};

const names: Readonly<Record<string, string>> = {
  virDomainLookupByName: "test",
  virNetworkLookupByName: "default",
  virNodeDeviceLookupByName: "computer",
};

/** Fails unless ours says which libvirt has the call that this daemon lacks. */
export async function expectTooNew(target: Both, call: Call, coverage: Coverage): Promise<void> {
  const [c, ...args] = parts(call);
  const { since } = api.get(c)!;
  const refused = target.callOurs(c, args);
  await expect.soft(refused, c).rejects.toBeInstanceOf(UnsupportedError);
  await expect.soft(refused, c).rejects.toThrow(since);
  coverage.tooNew(c, since);
}

export function newerScenarios(world: () => World): void {
  it.each(Object.entries(calls))(
    "what is newer than the daemon is refused, after %s",
    async (find, newer) => {
      const conn = await world().driver("test");
      const target = await conn.find(find, names[find]);
      for (const call of newer) await expectTooNew(target, call, world().coverage);
    },
  );
}
