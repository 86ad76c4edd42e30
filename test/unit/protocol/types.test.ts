import { describe, expect, test } from "vitest";
import * as admin from "../../../src/protocol/generated/admin.js";
import * as net from "../../../src/protocol/generated/net.js";
import * as remote from "../../../src/protocol/generated/remote.js";
import { type Codec, decode, encode } from "../../../src/protocol/xdr.js";
import { bytes, hex } from "./hex.js";

const uuid = bytes("00112233445566778899aabbccddeeff");
const dom = { name: "vm", uuid, id: -1 };
const domHex = "00000002 766d0000 00112233445566778899aabbccddeeff ffffffff";

/** Gives the row its codec's type, which a table of many types could not have. */
const row = <T>(codec: Codec<T>, value: T, encoding: string) => ({
  name: codec.name,
  encoded: () => hex(encode(codec, value)),
  decoded: () => decode(codec, bytes(encoding)),
  value,
  encoding: encoding.replaceAll(" ", ""),
});

describe("on the wire, laid out by hand from the interface files:", () => {
  test.each([
    row(remote.ConnectOpenArgs, { name: null, flags: 1 }, "00000000 00000001"),
    row(remote.ConnectOpenArgs, { name: "test", flags: 0 }, "00000001 00000004 74657374 00000000"),
    row(remote.DomainCreateArgs, { dom }, domHex),
    row(
      remote.DomainGetInfoRet,
      { state: 5, maxMem: 2n ** 64n - 1n, memory: 1n, nrVirtCpu: 65535, cpuTime: 2n ** 53n + 1n },
      "00000005 ffffffffffffffff 0000000000000001 0000ffff 0020000000000001",
    ),
    row(
      remote.ConnectListAllDomainsRet,
      { domains: [dom, dom], ret: 2 },
      `00000002 ${domHex} ${domHex} 00000002`,
    ),
    row(remote.AuthListRet, { types: [0, 1, 2, 9] }, "00000004 00000000 00000001 00000002 00000009"),
    row(
      remote.AuthSaslStartArgs,
      { mech: "PLAIN", nil: 0, data: bytes("006180") },
      "00000005 504c41494e000000 00000000 00000003 00000000 00000061 ffffff80",
    ),
    row(
      remote.NodeGetInfoRet,
      {
        model: new Uint8Array(32).fill(0x78),
        memory: 1n,
        cpus: 2,
        mhz: 3,
        nodes: 4,
        sockets: 5,
        cores: 6,
        threads: 7,
      },
      `${"00000078".repeat(32)} 0000000000000001 00000002 00000003 00000004 00000005 00000006 00000007`,
    ),
    row(
      remote.DomainSetSchedulerParametersArgs,
      {
        dom,
        params: [
          { field: "a", value: { type: 1, value: -1 } },
          { field: "b", value: { type: 2, value: 4294967295 } },
          { field: "c", value: { type: 3, value: -1n } },
          { field: "d", value: { type: 4, value: 2n ** 64n - 1n } },
          { field: "e", value: { type: 5, value: 1.5 } },
          { field: "f", value: { type: 6, value: 1 } },
          { field: "g", value: { type: 7, value: "é" } },
        ],
      },
      `${domHex} 00000007
       00000001 61000000 00000001 ffffffff
       00000001 62000000 00000002 ffffffff
       00000001 63000000 00000003 ffffffffffffffff
       00000001 64000000 00000004 ffffffffffffffff
       00000001 65000000 00000005 3ff8000000000000
       00000001 66000000 00000006 00000001
       00000001 67000000 00000007 00000002 c3a90000`.replaceAll("\n", ""),
    ),
    row(
      remote.DomainEventCallbackLifecycleMsg,
      { callbackID: 3, msg: { dom, event: 2, detail: 1 } },
      `00000003 ${domHex} 00000002 00000001`,
    ),
    row(
      net.MessageError,
      {
        code: 42,
        domain: 10,
        message: "no",
        level: 2,
        dom: null,
        str1: "no",
        str2: null,
        str3: null,
        int1: -1,
        int2: -1,
        net: { name: "n", uuid },
      },
      `0000002a 0000000a 00000001 00000002 6e6f0000 00000002 00000000 00000001 00000002 6e6f0000
       00000000 00000000 ffffffff ffffffff 00000001 00000001 6e000000 ${hex(uuid)}`.replaceAll("\n", ""),
    ),
    row(net.StreamHole, { length: 2n ** 40n, flags: 0 }, "0000010000000000 00000000"),
    row(
      admin.ServerSetThreadpoolParametersArgs,
      { srv: { name: "s" }, params: [{ field: "p", value: { type: 2, value: 20 } }], flags: 0 },
      "00000001 73000000 00000001 00000001 70000000 00000002 00000014 00000000",
    ),
  ])("$name", ({ value, encoding, encoded, decoded }) => {
    expect(encoded()).toBe(encoding);
    expect(decoded()).toEqual(value);
  });
});

describe("bounds, compared by hand with the interface files:", () => {
  const many = (length: number) => new Array<never>(length);
  const refused = <T>(codec: Codec<T>, value: T, message: string) => ({
    name: codec.name,
    encodeIt: () => encode(codec, value),
    message: `${codec.name}.${message} are allowed`,
  });

  test.each([
    refused(
      remote.DomainSendKeyArgs,
      { dom, codeset: 0, holdtime: 0, keycodes: many(17), flags: 0 },
      "keycodes: 17 elements, at most 16",
    ),
    refused(
      remote.ConnectListAllDomainsRet,
      { domains: many(16385), ret: 0 },
      "domains: 16385 elements, at most 16384",
    ),
    refused(
      remote.ConnectListAllNodeDevicesRet,
      { devices: many(65537), ret: 0 },
      "devices: 65537 elements, at most 65536",
    ),
    refused(
      remote.DomainStatsRecord,
      { dom, params: many(262145) },
      "params: 262145 elements, at most 262144",
    ),
    refused(
      remote.ConnectGetAllDomainStatsRet,
      { retStats: many(16385) },
      "retStats: 16385 elements, at most 16384",
    ),
    refused(
      remote.DomainGetVcpusRet,
      { info: [], cpumaps: new Uint8Array(8388609) },
      "cpumaps: 8388609 bytes, at most 8388608",
    ),
    refused(
      remote.DomainMigrateFinish3Ret,
      { dom, cookieOut: new Uint8Array(4194305) },
      "cookie_out: 4194305 bytes, at most 4194304",
    ),
    refused(
      remote.AuthSaslStartArgs,
      { mech: "", nil: 0, data: new Uint8Array(65537) },
      "data: 65537 chars, at most 65536",
    ),
    refused(
      remote.DomainGetSecurityLabelRet,
      { label: new Uint8Array(4098), enforcing: 0 },
      "label: 4098 chars, at most 4097",
    ),
    refused(
      remote.NodeGetSecurityModelRet,
      { model: new Uint8Array(258), doi: new Uint8Array() },
      "model: 258 chars, at most 257",
    ),
    refused(remote.AuthListRet, { types: many(21) }, "types: 21 elements, at most 20"),
    refused(
      remote.DomainAnnounceInterfaceArgs,
      { dom, device: null, params: many(65), flags: 0 },
      "params: 65 elements, at most 64",
    ),
    refused(
      remote.ConnectOpenArgs,
      { name: "m".repeat(4194305), flags: 0 },
      "name: a string of 4194305 bytes, at most 4194304",
    ),
    refused(admin.ClientGetInfoRet, { params: many(65) }, "params: 65 elements, at most 64"),
  ])("$name", ({ encodeIt, message }) => {
    expect(encodeIt).toThrow(new RangeError(message));
  });
});
