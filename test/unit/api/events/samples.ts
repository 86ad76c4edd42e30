import { expect } from "vitest";
import { Domain } from "../../../../src/api/domain.js";
import type { EventMap, EventName } from "../../../../src/api/events/types.js";
import { Network } from "../../../../src/api/network.js";
import { NodeDevice } from "../../../../src/api/node-device.js";
import { Secret } from "../../../../src/api/secret.js";
import { StoragePool } from "../../../../src/api/storage-pool.js";
import { TypedParameterType } from "../../../../src/generated/constants.js";
import * as qemu from "../../../../src/protocol/generated/qemu.js";
import * as remote from "../../../../src/protocol/generated/remote.js";
import type { EventMessage } from "../../../../src/protocol/procedure.js";
import { eventFrame } from "../../rpc/peer.js";
import { dom, uuid } from "./daemon.js";

/** One event of a kind: how it comes over the wire, and what is to be made of it. */
export interface Sample {
  readonly event: object;
  /** The message, for a registration with this ID. */
  numbered(callbackID: number): Uint8Array;
  /** The message from a daemon that gives out no IDs. */
  readonly unnumbered?: Uint8Array;
}

type Fields<Name extends EventName> = Omit<EventMap[Name], "toJSON">;

function sample<Message>(
  message: EventMessage<Message>,
  body: Omit<Message, "callbackID">,
  event: object,
): Sample {
  return { event, numbered: (callbackID) => eventFrame(message, { ...body, callbackID } as Message) };
}

function old<Message>(
  numbered: EventMessage<{ readonly callbackID: number; readonly msg: Message }>,
  unnumbered: EventMessage<Message>,
  msg: Message,
  event: object,
): Sample {
  return {
    event,
    numbered: (callbackID) => eventFrame(numbered, { callbackID, msg }),
    unnumbered: eventFrame(unnumbered, msg),
  };
}

function power(
  numbered: EventMessage<{
    readonly callbackID: number;
    readonly reason: number;
    readonly msg: { readonly dom: remote.NonnullDomain };
  }>,
  unnumbered: EventMessage<{ readonly dom: remote.NonnullDomain }>,
): Sample {
  const msg = { dom: dom(1) };
  return {
    event: { domain, reason: 0 } satisfies Fields<"domain.pmWakeup">,
    numbered: (callbackID) => eventFrame(numbered, { callbackID, reason: 0, msg }),
    unnumbered: eventFrame(unnumbered, msg),
  };
}

const domain = expect.any(Domain) as Domain;
const network = expect.any(Network) as Network;
const pool = expect.any(StoragePool) as StoragePool;
const device = expect.any(NodeDevice) as NodeDevice;
const secret = expect.any(Secret) as Secret;

const net = { name: "default", uuid: uuid(1) };
const ofPool = { name: "images", uuid: uuid(2) };
const dev = { name: "net_lo" };
const ofSecret = { uuid: uuid(3), usageType: 1, usageID: "/disk" };

const params: remote.TypedParam[] = [
  { field: "cputune.vcpu0", value: { type: TypedParameterType.STRING, value: "0-3" } },
  { field: "bytes", value: { type: TypedParameterType.ULLONG, value: 2n ** 64n - 1n } },
  { field: "ok", value: { type: TypedParameterType.BOOLEAN, value: 1 } },
];
const parameters = { "cputune.vcpu0": "0-3", bytes: 2n ** 64n - 1n, ok: true };

/** The events that daemons send. */
export type SentEvent = Exclude<
  EventName,
  "connection.lost" | "connection.attemptFailed" | "connection.reconnected"
>;

export const samples: { readonly [Name in SentEvent]: readonly Sample[] } = {
  "domain.lifecycle": [
    old(
      remote.domainEventCallbackLifecycle,
      remote.domainEventLifecycle,
      { dom: dom(1), event: 2, detail: 1 },
      {
        domain,
        event: 2,
        eventName: "STARTED",
        detail: 1,
        detailName: "MIGRATED",
      } satisfies Fields<"domain.lifecycle">,
    ),
    // The detail's meaning depends on the event.
    old(
      remote.domainEventCallbackLifecycle,
      remote.domainEventLifecycle,
      { dom: dom(1), event: 5, detail: 1 },
      { domain, event: 5, eventName: "STOPPED", detail: 1, detailName: "DESTROYED" },
    ),
    // What a newer libvirt has added.
    old(
      remote.domainEventCallbackLifecycle,
      remote.domainEventLifecycle,
      { dom: dom(1), event: 5, detail: 77 },
      { domain, event: 5, eventName: "STOPPED", detail: 77, detailName: undefined },
    ),
    old(
      remote.domainEventCallbackLifecycle,
      remote.domainEventLifecycle,
      { dom: dom(1), event: 77, detail: 0 },
      { domain, event: 77, eventName: undefined, detail: 0, detailName: undefined },
    ),
  ],
  "domain.reboot": [
    old(remote.domainEventCallbackReboot, remote.domainEventReboot, { dom: dom(1) }, { domain }),
  ],
  "domain.rtcChange": [
    old(
      remote.domainEventCallbackRtcChange,
      remote.domainEventRtcChange,
      { dom: dom(1), offset: -(2n ** 63n) },
      { domain, utcoffset: -(2n ** 63n) } satisfies Fields<"domain.rtcChange">,
    ),
  ],
  "domain.watchdog": [
    old(remote.domainEventCallbackWatchdog, remote.domainEventWatchdog, { dom: dom(1), action: 2 }, {
      domain,
      action: 2,
      actionName: "RESET",
    } satisfies Fields<"domain.watchdog">),
  ],
  "domain.ioError": [
    old(
      remote.domainEventCallbackIoError,
      remote.domainEventIoError,
      { dom: dom(1), srcPath: "/disk", devAlias: "virtio-disk0", action: 1 },
      {
        domain,
        srcPath: "/disk",
        devAlias: "virtio-disk0",
        action: 1,
        actionName: "PAUSE",
      } satisfies Fields<"domain.ioError">,
    ),
  ],
  "domain.graphics": [
    old(
      remote.domainEventCallbackGraphics,
      remote.domainEventGraphics,
      {
        dom: dom(1),
        phase: 1,
        local: { family: 0, node: "127.0.0.1", service: "5900" },
        remote: { family: 1, node: "::1", service: "40000" },
        authScheme: "vencrypt",
        subject: [{ type: "x509dname", name: "CN=me" }],
      },
      {
        domain,
        phase: 1,
        phaseName: "INITIALIZE",
        local: { family: 0, familyName: "IPV4", node: "127.0.0.1", service: "5900" },
        remote: { family: 1, familyName: "IPV6", node: "::1", service: "40000" },
        authScheme: "vencrypt",
        subject: [{ type: "x509dname", name: "CN=me" }],
      } satisfies Fields<"domain.graphics">,
    ),
  ],
  "domain.ioErrorReason": [
    old(
      remote.domainEventCallbackIoErrorReason,
      remote.domainEventIoErrorReason,
      { dom: dom(1), srcPath: "/disk", devAlias: "virtio-disk0", action: 2, reason: "enospc" },
      {
        domain,
        srcPath: "/disk",
        devAlias: "virtio-disk0",
        action: 2,
        actionName: "REPORT",
        reason: "enospc",
      } satisfies Fields<"domain.ioErrorReason">,
    ),
  ],
  "domain.controlError": [
    old(remote.domainEventCallbackControlError, remote.domainEventControlError, { dom: dom(1) }, { domain }),
  ],
  "domain.blockJob": [
    old(
      remote.domainEventCallbackBlockJob,
      remote.domainEventBlockJob,
      { dom: dom(1), path: "/disk", type: 2, status: 3 },
      {
        domain,
        disk: "/disk",
        type: 2,
        typeName: "COPY",
        status: 3,
        statusName: "READY",
      } satisfies Fields<"domain.blockJob">,
    ),
  ],
  "domain.diskChange": [
    old(
      remote.domainEventCallbackDiskChange,
      remote.domainEventDiskChange,
      { dom: dom(1), oldSrcPath: "/old", newSrcPath: null, devAlias: "sata0", reason: 0 },
      {
        domain,
        oldSrcPath: "/old",
        newSrcPath: null,
        devAlias: "sata0",
        reason: 0,
        reasonName: "CHANGE_MISSING_ON_START",
      } satisfies Fields<"domain.diskChange">,
    ),
    old(
      remote.domainEventCallbackDiskChange,
      remote.domainEventDiskChange,
      { dom: dom(1), oldSrcPath: null, newSrcPath: "", devAlias: "sata0", reason: 1 },
      {
        domain,
        oldSrcPath: null,
        newSrcPath: "",
        devAlias: "sata0",
        reason: 1,
        reasonName: "DROP_MISSING_ON_START",
      },
    ),
  ],
  "domain.trayChange": [
    old(
      remote.domainEventCallbackTrayChange,
      remote.domainEventTrayChange,
      { dom: dom(1), devAlias: "ide0-1-0", reason: 0 },
      { domain, devAlias: "ide0-1-0", reason: 0, reasonName: "OPEN" } satisfies Fields<"domain.trayChange">,
    ),
  ],
  "domain.pmWakeup": [power(remote.domainEventCallbackPmwakeup, remote.domainEventPmwakeup)],
  "domain.pmSuspend": [power(remote.domainEventCallbackPmsuspend, remote.domainEventPmsuspend)],
  "domain.balloonChange": [
    old(
      remote.domainEventCallbackBalloonChange,
      remote.domainEventBalloonChange,
      { dom: dom(1), actual: 2n ** 64n - 1n },
      { domain, actual: 2n ** 64n - 1n } satisfies Fields<"domain.balloonChange">,
    ),
  ],
  "domain.pmSuspendDisk": [power(remote.domainEventCallbackPmsuspendDisk, remote.domainEventPmsuspendDisk)],
  "domain.deviceRemoved": [
    old(
      remote.domainEventCallbackDeviceRemoved,
      remote.domainEventDeviceRemoved,
      { dom: dom(1), devAlias: "net0" },
      { domain, devAlias: "net0" } satisfies Fields<"domain.deviceRemoved">,
    ),
  ],
  "domain.blockJob2": [
    sample(remote.domainEventBlockJob2, { dom: dom(1), dst: "vda", type: 4, status: 0 }, {
      domain,
      disk: "vda",
      type: 4,
      typeName: "ACTIVE_COMMIT",
      status: 0,
      statusName: "COMPLETED",
    } satisfies Fields<"domain.blockJob2">),
  ],
  "domain.tunable": [
    sample(remote.domainEventCallbackTunable, { dom: dom(1), params }, {
      domain,
      params: parameters,
    } satisfies Fields<"domain.tunable">),
  ],
  "domain.agentLifecycle": [
    sample(remote.domainEventCallbackAgentLifecycle, { dom: dom(1), state: 1, reason: 2 }, {
      domain,
      state: 1,
      stateName: "CONNECTED",
      reason: 2,
      reasonName: "CHANNEL",
    } satisfies Fields<"domain.agentLifecycle">),
  ],
  "domain.deviceAdded": [
    sample(remote.domainEventCallbackDeviceAdded, { dom: dom(1), devAlias: "net1" }, {
      domain,
      devAlias: "net1",
    } satisfies Fields<"domain.deviceAdded">),
  ],
  "domain.migrationIteration": [
    sample(remote.domainEventCallbackMigrationIteration, { dom: dom(1), iteration: 3 }, {
      domain,
      iteration: 3,
    } satisfies Fields<"domain.migrationIteration">),
  ],
  "domain.jobCompleted": [
    sample(remote.domainEventCallbackJobCompleted, { dom: dom(1), params }, {
      domain,
      params: parameters,
    } satisfies Fields<"domain.jobCompleted">),
  ],
  "domain.deviceRemovalFailed": [
    sample(remote.domainEventCallbackDeviceRemovalFailed, { dom: dom(1), devAlias: "net1" }, {
      domain,
      devAlias: "net1",
    } satisfies Fields<"domain.deviceRemovalFailed">),
  ],
  "domain.metadataChange": [
    sample(remote.domainEventCallbackMetadataChange, { dom: dom(1), type: 2, nsuri: "urn:x" }, {
      domain,
      type: 2,
      typeName: "ELEMENT",
      nsuri: "urn:x",
    } satisfies Fields<"domain.metadataChange">),
    sample(
      remote.domainEventCallbackMetadataChange,
      { dom: dom(1), type: 1, nsuri: null },
      { domain, type: 1, typeName: "TITLE", nsuri: null },
    ),
  ],
  "domain.blockThreshold": [
    sample(
      remote.domainEventBlockThreshold,
      { dom: dom(1), dev: "vda[1]", path: null, threshold: 1n, excess: 2n ** 64n - 1n },
      {
        domain,
        dev: "vda[1]",
        path: null,
        threshold: 1n,
        excess: 2n ** 64n - 1n,
      } satisfies Fields<"domain.blockThreshold">,
    ),
  ],
  "domain.memoryFailure": [
    sample(remote.domainEventMemoryFailure, { dom: dom(1), recipient: 1, action: 3, flags: 7 }, {
      domain,
      recipient: 1,
      recipientName: "GUEST",
      action: 3,
      actionName: "RESET",
      flags: 7,
      flagNames: ["ACTION_REQUIRED", "RECURSIVE", "0x4"],
    } satisfies Fields<"domain.memoryFailure">),
  ],
  "domain.memoryDeviceSizeChange": [
    sample(remote.domainEventMemoryDeviceSizeChange, { dom: dom(1), alias: "virtiomem0", size: 1024n }, {
      domain,
      alias: "virtiomem0",
      size: 1024n,
    } satisfies Fields<"domain.memoryDeviceSizeChange">),
  ],
  "domain.nicMacChange": [
    sample(
      remote.domainEventNicMacChange,
      { dom: dom(1), alias: "net0", oldMAC: "52:54:00:00:00:01", newMAC: "52:54:00:00:00:02" },
      {
        domain,
        alias: "net0",
        oldMAC: "52:54:00:00:00:01",
        newMAC: "52:54:00:00:00:02",
      } satisfies Fields<"domain.nicMacChange">,
    ),
  ],
  "domain.vcpuRemoved": [
    sample(remote.domainEventVcpuRemoved, { dom: dom(1), vcpuid: 3 }, {
      domain,
      vcpuid: 3,
    } satisfies Fields<"domain.vcpuRemoved">),
  ],
  "domain.channelLifecycle": [
    sample(
      remote.domainEventCallbackChannelLifecycle,
      { dom: dom(1), channelName: "org.x.0", state: 2, reason: 1 },
      {
        domain,
        channelName: "org.x.0",
        state: 2,
        stateName: "DISCONNECTED",
        reason: 1,
        reasonName: "DOMAIN_STARTED",
      } satisfies Fields<"domain.channelLifecycle">,
    ),
  ],
  "network.lifecycle": [
    sample(remote.networkEventLifecycle, { net, event: 2, detail: 0 }, {
      network,
      event: 2,
      eventName: "STARTED",
      detail: 0,
    } satisfies Fields<"network.lifecycle">),
  ],
  "network.metadataChange": [
    sample(remote.networkEventCallbackMetadataChange, { net, type: 2, nsuri: null }, {
      network,
      type: 2,
      typeName: "ELEMENT",
      nsuri: null,
    } satisfies Fields<"network.metadataChange">),
  ],
  "storagePool.lifecycle": [
    sample(remote.storagePoolEventLifecycle, { pool: ofPool, event: 4, detail: 0 }, {
      pool,
      event: 4,
      eventName: "CREATED",
      detail: 0,
    } satisfies Fields<"storagePool.lifecycle">),
  ],
  "storagePool.refresh": [
    sample(remote.storagePoolEventRefresh, { pool: ofPool }, {
      pool,
    } satisfies Fields<"storagePool.refresh">),
  ],
  "nodeDevice.lifecycle": [
    sample(remote.nodeDeviceEventLifecycle, { dev, event: 1, detail: 0 }, {
      device,
      event: 1,
      eventName: "DELETED",
      detail: 0,
    } satisfies Fields<"nodeDevice.lifecycle">),
  ],
  "nodeDevice.update": [
    sample(remote.nodeDeviceEventUpdate, { dev }, { device } satisfies Fields<"nodeDevice.update">),
  ],
  "secret.lifecycle": [
    sample(remote.secretEventLifecycle, { secret: ofSecret, event: 1, detail: 0 }, {
      secret,
      event: 1,
      eventName: "UNDEFINED",
      detail: 0,
    } satisfies Fields<"secret.lifecycle">),
  ],
  "secret.valueChanged": [
    sample(remote.secretEventValueChanged, { secret: ofSecret }, {
      secret,
    } satisfies Fields<"secret.valueChanged">),
  ],
  "qemu.monitor": [
    sample(
      qemu.domainMonitorEvent,
      { dom: dom(1), event: "SHUTDOWN", seconds: 1_700_000_000n, micros: 999_999, details: '{"guest":true}' },
      {
        domain,
        event: "SHUTDOWN",
        seconds: 1_700_000_000n,
        micros: 999_999,
        details: '{"guest":true}',
      } satisfies Fields<"qemu.monitor">,
    ),
    sample(
      qemu.domainMonitorEvent,
      { dom: dom(1), event: "STOP", seconds: 0n, micros: 0, details: null },
      { domain, event: "STOP", seconds: 0n, micros: 0, details: null },
    ),
  ],
  "connection.close": [
    sample(remote.connectEventConnectionClosed, { reason: 2 }, {
      reason: 2,
      reasonName: "KEEPALIVE",
    } satisfies Fields<"connection.close">),
  ],
};
