import { describe, expect, test } from "vitest";
import * as admin from "../../../src/protocol/generated/admin.js";
import * as keepalive from "../../../src/protocol/generated/keepalive.js";
import * as lxc from "../../../src/protocol/generated/lxc.js";
import * as qemu from "../../../src/protocol/generated/qemu.js";
import * as remote from "../../../src/protocol/generated/remote.js";
import { programVersion } from "../../../src/protocol/procedure.js";
import {
  type AnyEvent,
  type AnyProcedure,
  codecs,
  events,
  type ModuleName,
  moduleNames,
  procedures,
} from "./programs.js";

const allProcedures = moduleNames.flatMap(procedures);
const allEvents = moduleNames.flatMap(events);
const allCodecs = moduleNames.flatMap(codecs);

describe("programs", () => {
  test.each<[ModuleName, number, number, number, number]>([
    ["remote", 0x20008086, 456, 55, 705],
    ["qemu", 0x20008087, 7, 1, 12],
    ["lxc", 0x00068000, 1, 0, 1],
    ["admin", 0x06900690, 20, 0, 32],
    ["keepalive", 0x6b656570, 2, 2, 0],
  ])("%s, number %i, %i procedures of which %i are events, %i types", (...row) => {
    const [name, program, total, eventCount, typeCount] = row;
    const own = [...procedures(name), ...events(name)].map(([, descriptor]) => descriptor);
    expect(own.map((one) => one.number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: total }, (_, i) => i + 1),
    );
    expect(own.filter((one) => one.program !== program)).toEqual([]);
    expect(events(name)).toHaveLength(eventCount);
    expect(codecs(name)).toHaveLength(typeCount);
  });

  test("the message header has types and no procedures", () => {
    expect(codecs("net")).toHaveLength(5);
    expect([...procedures("net"), ...events("net")]).toEqual([]);
  });

  test("carry their numbers and versions under their C names too", () => {
    expect(remote.REMOTE_PROGRAM).toBe(0x20008086);
    expect(qemu.QEMU_PROGRAM).toBe(0x20008087);
    expect(lxc.LXC_PROGRAM).toBe(0x00068000);
    expect(admin.ADMIN_PROGRAM).toBe(0x06900690);
    expect(keepalive.KEEPALIVE_PROGRAM).toBe(0x6b656570);
    expect([
      remote.REMOTE_PROTOCOL_VERSION,
      qemu.QEMU_PROTOCOL_VERSION,
      lxc.LXC_PROTOCOL_VERSION,
      admin.ADMIN_PROTOCOL_VERSION,
      keepalive.KEEPALIVE_PROTOCOL_VERSION,
      programVersion,
    ]).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

describe("names", () => {
  const structs = new Set(allCodecs.map((codec) => codec.name));

  /** The name of a procedure's own struct, or what stands for none. */
  function struct(procedure: string, suffix: "args" | "ret" | "msg"): string {
    const name = `${procedure.replace("_PROC_", "_").toLowerCase()}_${suffix}`;
    return structs.has(name) ? name : "void";
  }

  test("every type has its own", () => {
    expect(structs.size).toBe(allCodecs.length);
  });

  test("every procedure has the arguments and the result that are named after it", () => {
    for (const [, { name, args, ret }] of allProcedures) {
      expect([name, args.name, ret.name]).toEqual([name, struct(name, "args"), struct(name, "ret")]);
      expect([name, struct(name, "msg")]).toEqual([name, "void"]);
    }
  });

  test("every event has the message that is named after it", () => {
    for (const [, { name, message }] of allEvents) {
      expect([name, message.name]).toEqual([name, struct(name, "msg")]);
      expect([name, struct(name, "args"), struct(name, "ret")]).toEqual([name, "void", "void"]);
    }
  });

  test("no procedure's struct is left over", () => {
    const used = new Set([
      ...allProcedures.flatMap(([, { args, ret }]) => [args.name, ret.name]),
      ...allEvents.map(([, { message }]) => message.name),
    ]);
    expect([...structs].filter((name) => /_(args|ret|msg)$/.test(name) && !used.has(name))).toEqual([]);
  });

  test("a descriptor is exported under its procedure's name in camel case", () => {
    for (const [exportName, { name }] of [...allProcedures, ...allEvents]) {
      const words = name.toLowerCase().replace(/^.*_proc_/, "");
      expect(exportName).toBe(words.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()));
    }
  });
});

describe("descriptors, compared by hand with the interface files:", () => {
  test.each<[AnyProcedure | AnyEvent, ...unknown[]]>([
    [remote.connectOpen, 1, "remote_connect_open_args", "void", "high"],
    [remote.connectClose, 2, "void", "void", "high"],
    [remote.domainCreate, 9, "remote_domain_create_args", "void", "low"],
    [remote.domainCreateXml, 10, "remote_domain_create_xml_args", "remote_domain_create_xml_ret", "low"],
    [remote.authList, 66, "void", "remote_auth_list_ret", "high"],
    [remote.connectGetHostname, 59, "void", "remote_connect_get_hostname_ret", "high"],
    [remote.domainGetInfo, 16, "remote_domain_get_info_args", "remote_domain_get_info_ret", "low"],
    [
      remote.connectDomainEventCallbackRegisterAny,
      316,
      "remote_connect_domain_event_callback_register_any_args",
      "remote_connect_domain_event_callback_register_any_ret",
      "high",
    ],
    [remote.domainEventLifecycle, 107, "remote_domain_event_lifecycle_msg"],
    [remote.domainEventCallbackLifecycle, 318, "remote_domain_event_callback_lifecycle_msg"],
    [remote.connectEventConnectionClosed, 362, "remote_connect_event_connection_closed_msg"],
    [remote.domainEventVcpuRemoved, 454, "remote_domain_event_vcpu_removed_msg"],
    [remote.domainEventCallbackChannelLifecycle, 455, "remote_domain_event_callback_channel_lifecycle_msg"],
    [remote.domainAnnounceInterface, 456, "remote_domain_announce_interface_args", "void", "low"],
    [qemu.domainMonitorEvent, 6, "qemu_domain_monitor_event_msg"],
    [lxc.domainOpenNamespace, 1, "lxc_domain_open_namespace_args", "void", "low"],
    [admin.connectOpen, 1, "admin_connect_open_args", "void", "low"],
    [admin.connectDaemonShutdown, 20, "admin_connect_daemon_shutdown_args", "void", "low"],
    [keepalive.ping, 1, "void"],
    [keepalive.pong, 2, "void"],
  ])("$name", (descriptor, ...wanted) => {
    const { number } = descriptor;
    const found =
      "message" in descriptor
        ? [number, descriptor.message.name]
        : [number, descriptor.args.name, descriptor.ret.name, descriptor.priority];
    expect(found).toEqual(wanted);
  });

  test("the streams", () => {
    const streams = allProcedures
      .filter(([, one]) => one.stream !== undefined || one.sparseFlag !== undefined)
      .map(([name, one]) => [one.number, name, one.stream, one.sparseFlag]);
    expect(streams.sort()).toEqual([
      [148, "domainMigratePrepareTunnel", "write", undefined],
      [201, "domainOpenConsole", "read", undefined],
      [208, "storageVolUpload", "write", 1],
      [209, "storageVolDownload", "read", 1],
      [211, "domainScreenshot", "read", undefined],
      [215, "domainMigratePrepareTunnel3", "write", undefined],
      [296, "domainOpenChannel", "read", undefined],
    ]);
  });

  test("the count of high priority", () => {
    const high = moduleNames.map((name) => [
      name,
      procedures(name).filter(([, one]) => one.priority === "high").length,
    ]);
    expect(Object.fromEntries(high)).toEqual({
      remote: 187,
      qemu: 2,
      lxc: 0,
      admin: 0,
      keepalive: 0,
      net: 0,
    });
  });
});

describe("procedures that may be called again", () => {
  const idempotent = allProcedures
    .filter(([, procedure]) => procedure.idempotent)
    .map(([, procedure]) => procedure.name);

  test.each([
    "REMOTE_PROC_CONNECT_LIST_ALL_DOMAINS",
    "REMOTE_PROC_CONNECT_GET_ALL_DOMAIN_STATS",
    "REMOTE_PROC_DOMAIN_LOOKUP_BY_UUID",
    "REMOTE_PROC_DOMAIN_GET_XML_DESC",
    "REMOTE_PROC_DOMAIN_IS_ACTIVE",
    "REMOTE_PROC_DOMAIN_BLOCK_STATS",
    "REMOTE_PROC_STORAGE_POOL_NUM_OF_VOLUMES",
    "ADMIN_PROC_CONNECT_LIST_SERVERS",
  ])("%s is one", (name) => expect(idempotent).toContain(name));

  test.each([
    ["changes something, under a right to read", "REMOTE_PROC_DOMAIN_SET_SCHEDULER_PARAMETERS"],
    ["adds a registration", "REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY"],
    ["tells of a finished job once", "REMOTE_PROC_DOMAIN_GET_JOB_STATS"],
    ["has the guest do something", "REMOTE_PROC_DOMAIN_GET_FSINFO"],
    ["is part of logging in", "REMOTE_PROC_AUTH_LIST"],
    ["takes a picture", "REMOTE_PROC_DOMAIN_SCREENSHOT"],
    ["changes the daemon", "ADMIN_PROC_SERVER_SET_THREADPOOL_PARAMETERS"],
  ])("what %s is none: %s", (_, name) => expect(idempotent).not.toContain(name));

  test("have no name that speaks of a change", () => {
    const change =
      /_(SET|CREATE|DEFINE|UNDEFINE|DELETE|DESTROY|ATTACH|DETACH|UPDATE|REGISTER|OPEN|CLOSE|START|STOP|MIGRATE|WRITE)(_|$)/;
    expect(idempotent.filter((name) => change.test(name))).toEqual([]);
    expect(idempotent.length).toBeGreaterThan(150);
  });
});
