import { describe, expect, it } from "vitest";
import { UnsupportedError } from "../../../src/index.js";
import type { Call } from "./both.js";
import { api } from "./coverage.js";
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

export function newerScenarios(world: () => World): void {
  describe("what is newer than the daemon", () => {
    it.each(Object.entries(calls))("is refused by name, after %s", async (find, newer) => {
      const conn = await world().connect("test");
      const target = await conn.find(find, names[find]);
      for (const call of newer) {
        const [c, ...args] = typeof call === "string" ? [call] : call;
        const { since } = api.get(c)!;
        const error: unknown = await target.callOurs(c, args).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect.soft(error, c).toBeInstanceOf(UnsupportedError);
        expect.soft(String(error), c).toContain(since);
        world().coverage.tooNew(c, since);
      }
    });
  });
}
