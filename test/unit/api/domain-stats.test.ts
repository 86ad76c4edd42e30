import { expect, test } from "vitest";
import { ProtocolError } from "../../../src/errors.js";
import { TypedParameterType } from "../../../src/generated/constants.js";
import * as remote from "../../../src/protocol/generated/remote.js";
import { encode } from "../../../src/protocol/xdr.js";
import { RawReply, ScriptedDaemon } from "./scripted-daemon.js";

const record = (name: string, id: number): remote.DomainStatsRecord => ({
  dom: { name, uuid: new Uint8Array(16).fill(id), id },
  params: [
    { field: "state.state", value: { type: TypedParameterType.INT, value: id } },
    { field: "cpu.time", value: { type: TypedParameterType.ULLONG, value: 2n ** 63n } },
  ],
});
const reply = { retStats: [record("a", 1), record("b", 2)] };
const statsOf = (daemon: ScriptedDaemon) => daemon.connection.getAllDomainStats();

test("statistics come with their domains, as many as there are", async () => {
  const daemon = new ScriptedDaemon("test:///default");
  daemon.on(remote.connectGetAllDomainStats, () => reply);
  const stats = await statsOf(daemon);
  expect(
    stats.map(({ domain }) => [domain.name, domain.id, domain.connection === daemon.connection]),
  ).toEqual([
    ["a", 1, true],
    ["b", 2, true],
  ]);
  expect(stats.map(({ params }) => params)).toEqual([
    { "state.state": 1, "cpu.time": 2n ** 63n },
    { "state.state": 2, "cpu.time": 2n ** 63n },
  ]);
  daemon.on(remote.connectGetAllDomainStats, () => ({ retStats: [] }));
  expect(await statsOf(daemon)).toEqual([]);
});

test("statistics that cannot be are the call's failure, and tell where", async () => {
  const daemon = new ScriptedDaemon("test:///default");
  const bytes = encode(remote.ConnectGetAllDomainStatsRet, reply);
  const failure = (payload: Uint8Array) => {
    daemon.on(remote.connectGetAllDomainStats, () => new RawReply(payload));
    return statsOf(daemon).catch((error: unknown) => error);
  };
  const where = "remote_connect_get_all_domain_stats_ret";
  // The last eight bytes are the second domain's time, the four before these its type.
  const strange = bytes.slice();
  strange[strange.length - 9] = 9;
  expect(await failure(strange)).toEqual(
    new ProtocolError(`${where}.retStats[1].params[1].value.type: 9 is none of the union's cases`),
  );
  expect(await failure(bytes.subarray(0, -8))).toEqual(
    new ProtocolError(`${where}.retStats[1].params[1].value.ul: 8 bytes wanted, 0 left`),
  );
  expect(await failure(new Uint8Array([...bytes, 0, 0, 0, 0]))).toEqual(
    new ProtocolError(`${where}: 4 bytes more than the type has`),
  );
  expect(await failure(new Uint8Array([0, 0, 1, 0]))).toEqual(
    new ProtocolError(`${where}.retStats: 256 elements announced, 0 bytes left`),
  );
  daemon.on(remote.connectGetAllDomainStats, () => reply);
  expect(await statsOf(daemon)).toHaveLength(2);
});
