import { describe, expect, test } from "vitest";
import { Domain } from "../../../src/api/domain.js";
import * as remote from "../../../src/protocol/generated/remote.js";
import type { CallOptions } from "../../../src/rpc/deadline.js";
import { ScriptedDaemon } from "./scripted-daemon.js";

/** Has a method called with what its type forbids, on a daemon that knows no procedure; gives what came of it. */
function refusal(run: (connection: ScriptedDaemon["connection"], domain: Domain) => Promise<unknown>) {
  const { connection } = new ScriptedDaemon("test:///default");
  return run(connection, new Domain(connection, { name: "web", uuid: new Uint8Array(16), id: 1 }));
}

const wrong = <T>(value: unknown) => value as T;

describe("options that are none are refused", () => {
  const methods: Record<
    string,
    (connection: ScriptedDaemon["connection"], domain: Domain, options: CallOptions) => Promise<unknown>
  > = {
    getHostname: (connection, _, options) => connection.getHostname(options),
    listAllDomains: (connection, _, options) => connection.listAllDomains(0, options),
    nodeGetCPUStats: (connection, _, options) => connection.nodeGetCPUStats(-1, 0, options),
    getMemoryParameters: (_, domain, options) => domain.getMemoryParameters(0, options),
    openConsole: (_, domain, options) => domain.openConsole(null, 0, options),
    on: (connection, _, options) => connection.on("domain.lifecycle", () => {}, wrong(options)),
    domainEventRegister: (connection, _, options) => connection.domainEventRegister(() => {}, options),
    domainEventDeregisterAny: (connection, _, options) => connection.domainEventDeregisterAny(1, options),
  };

  for (const [name, call] of Object.entries(methods)) {
    test(`by ${name}`, async () => {
      const given = (options: unknown) =>
        refusal((connection, domain) => call(connection, domain, wrong(options)));
      await expect(given(null)).rejects.toThrow(new TypeError("options: an object is wanted, not null"));
      await expect(given(5)).rejects.toThrow(new TypeError("options: an object is wanted, not number"));
      await expect(given({ signal: 5 })).rejects.toThrow(new TypeError("signal: an AbortSignal is wanted"));
      await expect(given({ timeoutMs: "5" })).rejects.toThrow(
        new TypeError("timeoutMs: a number is wanted, not string"),
      );
    });
  }
});

test("options of a stream of events, and filters, that are none are refused", async () => {
  const events = (options: unknown) =>
    refusal(async (connection) => connection.events("domain.lifecycle", wrong(options)));
  await expect(events(null)).rejects.toThrow(new TypeError("options: an object is wanted, not null"));
  await expect(events({ signal: 5 })).rejects.toThrow(new TypeError("signal: an AbortSignal is wanted"));
  const domains = (filter: unknown) => refusal((connection) => connection.domains(wrong(filter)).next());
  await expect(domains(null)).rejects.toThrow(new TypeError("filter: an object is wanted, not null"));
  await expect(domains("running")).rejects.toThrow(new TypeError("filter: an object is wanted, not string"));
});

describe("flags to which the client adds one of its own", () => {
  test.each([1n, "4", null, {}])("are refused where they are no number: %o", async (flags) => {
    const message = `flags: a number is wanted, not ${typeof flags}`;
    const refused = new TypeError(message);
    await expect(refusal((_, domain) => domain.getMemoryParameters(wrong(flags)))).rejects.toThrow(refused);
    await expect(refusal((_, domain) => domain.getLaunchSecurityInfo(wrong(flags)))).rejects.toThrow(refused);
    await expect(refusal((_, domain) => domain.getCPUStats(0, 1, wrong(flags)))).rejects.toThrow(refused);
    await expect(refusal((_, domain) => domain.migrateToURI("qemu:///system", wrong(flags)))).rejects.toThrow(
      refused,
    );
  });

  test.each([1.5, 2 ** 32, Number.NaN])("are refused where they have no 32 bits: %d", async (flags) => {
    await expect(refusal((_, domain) => domain.getLaunchSecurityInfo(flags))).rejects.toThrow(
      new RangeError(`flags: ${flags} is not an integer of 32 bits`),
    );
  });

  test("keep their highest bit, with and without a sign", async () => {
    const daemon = new ScriptedDaemon("test:///default");
    const sent: number[] = [];
    daemon.on(remote.domainGetLaunchSecurityInfo, ({ flags }) => {
      sent.push(flags >>> 0);
      return { params: [] };
    });
    const domain = new Domain(daemon.connection, { name: "web", uuid: new Uint8Array(16), id: 1 });
    await domain.getLaunchSecurityInfo(0x8000_0000);
    await domain.getLaunchSecurityInfo(-0x8000_0000);
    expect(sent).toEqual([0x8000_0004, 0x8000_0004]);
  });
});

describe("lists that are none are refused", () => {
  test.each([null, undefined, 5, "x", {}])("%j", async (list) => {
    const found = list === null ? "null" : typeof list;
    const refused = (name: string) => new TypeError(`${name}: an array is wanted, not ${found}`);
    await expect(refusal((connection) => connection.domainListGetStats(wrong(list)))).rejects.toThrow(
      refused("doms"),
    );
    await expect(refusal((connection) => connection.nodeAllocPages(wrong(list), [], 0, 1))).rejects.toThrow(
      refused("pageSizes"),
    );
    await expect(refusal((connection) => connection.nodeAllocPages([], wrong(list), 0, 1))).rejects.toThrow(
      refused("pageCounts"),
    );
  });

  test("a list of domains that has something else in it", async () => {
    await expect(refusal((connection) => connection.domainListGetStats(wrong([null])))).rejects.toThrow(
      new TypeError("doms[0]: it is no domain of this connection"),
    );
  });
});
