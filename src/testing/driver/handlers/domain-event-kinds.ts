import { DomainEventID } from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import type { EventMessage } from "../../../protocol/procedure.js";
import type { BodyOf, DomainEventName, DomainRef } from "../events.js";
import { typedParams } from "../plain-params.js";
import { domainToWire } from "../wire.js";
import { type Kind, kind } from "./event-kind.js";

/** Makes what travels of an event. */
type Write<Name extends DomainEventName, Message> = (domain: DomainRef, body: BodyOf<Name>) => Message;

const ofDomain = <Body extends object>(domain: DomainRef, body: Body) => ({
  dom: domainToWire(domain),
  ...body,
});

const withParams = (domain: DomainRef, { params }: BodyOf<"domain.tunable">) =>
  ofDomain(domain, { params: typedParams(params) });

/** Events that there were before callback IDs, which were put around them. */
function older<Name extends DomainEventName, Old>(
  eventId: number,
  numbered: EventMessage<{ readonly callbackID: number; readonly msg: Old }>,
  legacy: EventMessage<Old>,
  write: Write<Name, Old>,
): Kind {
  return kind<Name, { readonly msg: Old }>("domain", eventId, {
    numbered,
    legacy: legacy as EventMessage<unknown>,
    body: (domain, body) => ({ msg: write(domain, body) }),
    legacyBody: ({ msg }) => msg,
  });
}

/** Power management: the reason came with the callback IDs. */
function power(
  eventId: number,
  numbered: EventMessage<remote.DomainEventCallbackPmwakeupMsg>,
  legacy: EventMessage<remote.DomainEventPmwakeupMsg>,
): Kind {
  type Body = Omit<remote.DomainEventCallbackPmwakeupMsg, "callbackID">;
  return kind<"domain.pmWakeup", Body>("domain", eventId, {
    numbered,
    legacy: legacy as EventMessage<unknown>,
    body: (domain, { reason }) => ({ reason, msg: ofDomain(domain, {}) }),
    legacyBody: ({ msg }) => msg,
  });
}

/** Events that there have only been with callback IDs. */
function newer<Name extends DomainEventName, Body>(
  eventId: number,
  numbered: EventMessage<{ readonly callbackID: number } & Body>,
  write: Write<Name, Body>,
): Kind {
  return kind<Name, Body>("domain", eventId, { numbered, body: write });
}

type Numberless<Message> = Omit<Message, "callbackID">;

/** The events of domains. */
export const domainEventKinds: { readonly [Name in DomainEventName]: Kind } = {
  "domain.lifecycle": older<"domain.lifecycle", remote.DomainEventLifecycleMsg>(
    DomainEventID.LIFECYCLE,
    remote.domainEventCallbackLifecycle,
    remote.domainEventLifecycle,
    ofDomain,
  ),
  "domain.reboot": older<"domain.reboot", remote.DomainEventRebootMsg>(
    DomainEventID.REBOOT,
    remote.domainEventCallbackReboot,
    remote.domainEventReboot,
    ofDomain,
  ),
  "domain.rtcChange": older<"domain.rtcChange", remote.DomainEventRtcChangeMsg>(
    DomainEventID.RTC_CHANGE,
    remote.domainEventCallbackRtcChange,
    remote.domainEventRtcChange,
    (domain, { utcoffset: offset }) => ofDomain(domain, { offset }),
  ),
  "domain.watchdog": older<"domain.watchdog", remote.DomainEventWatchdogMsg>(
    DomainEventID.WATCHDOG,
    remote.domainEventCallbackWatchdog,
    remote.domainEventWatchdog,
    ofDomain,
  ),
  "domain.ioError": older<"domain.ioError", remote.DomainEventIoErrorMsg>(
    DomainEventID.IO_ERROR,
    remote.domainEventCallbackIoError,
    remote.domainEventIoError,
    ofDomain,
  ),
  "domain.graphics": older<"domain.graphics", remote.DomainEventGraphicsMsg>(
    DomainEventID.GRAPHICS,
    remote.domainEventCallbackGraphics,
    remote.domainEventGraphics,
    ofDomain,
  ),
  "domain.ioErrorReason": older<"domain.ioErrorReason", remote.DomainEventIoErrorReasonMsg>(
    DomainEventID.IO_ERROR_REASON,
    remote.domainEventCallbackIoErrorReason,
    remote.domainEventIoErrorReason,
    ofDomain,
  ),
  "domain.controlError": older<"domain.controlError", remote.DomainEventControlErrorMsg>(
    DomainEventID.CONTROL_ERROR,
    remote.domainEventCallbackControlError,
    remote.domainEventControlError,
    ofDomain,
  ),
  "domain.blockJob": older<"domain.blockJob", remote.DomainEventBlockJobMsg>(
    DomainEventID.BLOCK_JOB,
    remote.domainEventCallbackBlockJob,
    remote.domainEventBlockJob,
    (domain, { disk: path, ...body }) => ofDomain(domain, { path, ...body }),
  ),
  "domain.diskChange": older<"domain.diskChange", remote.DomainEventDiskChangeMsg>(
    DomainEventID.DISK_CHANGE,
    remote.domainEventCallbackDiskChange,
    remote.domainEventDiskChange,
    ofDomain,
  ),
  "domain.trayChange": older<"domain.trayChange", remote.DomainEventTrayChangeMsg>(
    DomainEventID.TRAY_CHANGE,
    remote.domainEventCallbackTrayChange,
    remote.domainEventTrayChange,
    ofDomain,
  ),
  "domain.balloonChange": older<"domain.balloonChange", remote.DomainEventBalloonChangeMsg>(
    DomainEventID.BALLOON_CHANGE,
    remote.domainEventCallbackBalloonChange,
    remote.domainEventBalloonChange,
    ofDomain,
  ),
  "domain.deviceRemoved": older<"domain.deviceRemoved", remote.DomainEventDeviceRemovedMsg>(
    DomainEventID.DEVICE_REMOVED,
    remote.domainEventCallbackDeviceRemoved,
    remote.domainEventDeviceRemoved,
    ofDomain,
  ),
  "domain.pmWakeup": power(
    DomainEventID.PMWAKEUP,
    remote.domainEventCallbackPmwakeup,
    remote.domainEventPmwakeup,
  ),
  "domain.pmSuspend": power(
    DomainEventID.PMSUSPEND,
    remote.domainEventCallbackPmsuspend,
    remote.domainEventPmsuspend,
  ),
  "domain.pmSuspendDisk": power(
    DomainEventID.PMSUSPEND_DISK,
    remote.domainEventCallbackPmsuspendDisk,
    remote.domainEventPmsuspendDisk,
  ),
  "domain.blockJob2": newer<"domain.blockJob2", Numberless<remote.DomainEventBlockJob2Msg>>(
    DomainEventID.BLOCK_JOB_2,
    remote.domainEventBlockJob2,
    (domain, { disk: dst, ...body }) => ofDomain(domain, { dst, ...body }),
  ),
  "domain.tunable": newer<"domain.tunable", Numberless<remote.DomainEventCallbackTunableMsg>>(
    DomainEventID.TUNABLE,
    remote.domainEventCallbackTunable,
    withParams,
  ),
  "domain.agentLifecycle": newer<
    "domain.agentLifecycle",
    Numberless<remote.DomainEventCallbackAgentLifecycleMsg>
  >(DomainEventID.AGENT_LIFECYCLE, remote.domainEventCallbackAgentLifecycle, ofDomain),
  "domain.deviceAdded": newer<"domain.deviceAdded", Numberless<remote.DomainEventCallbackDeviceAddedMsg>>(
    DomainEventID.DEVICE_ADDED,
    remote.domainEventCallbackDeviceAdded,
    ofDomain,
  ),
  "domain.migrationIteration": newer<
    "domain.migrationIteration",
    Numberless<remote.DomainEventCallbackMigrationIterationMsg>
  >(DomainEventID.MIGRATION_ITERATION, remote.domainEventCallbackMigrationIteration, ofDomain),
  "domain.jobCompleted": newer<"domain.jobCompleted", Numberless<remote.DomainEventCallbackJobCompletedMsg>>(
    DomainEventID.JOB_COMPLETED,
    remote.domainEventCallbackJobCompleted,
    withParams,
  ),
  "domain.deviceRemovalFailed": newer<
    "domain.deviceRemovalFailed",
    Numberless<remote.DomainEventCallbackDeviceRemovalFailedMsg>
  >(DomainEventID.DEVICE_REMOVAL_FAILED, remote.domainEventCallbackDeviceRemovalFailed, ofDomain),
  "domain.metadataChange": newer<
    "domain.metadataChange",
    Numberless<remote.DomainEventCallbackMetadataChangeMsg>
  >(DomainEventID.METADATA_CHANGE, remote.domainEventCallbackMetadataChange, ofDomain),
  "domain.blockThreshold": newer<"domain.blockThreshold", Numberless<remote.DomainEventBlockThresholdMsg>>(
    DomainEventID.BLOCK_THRESHOLD,
    remote.domainEventBlockThreshold,
    ofDomain,
  ),
  "domain.memoryFailure": newer<"domain.memoryFailure", Numberless<remote.DomainEventMemoryFailureMsg>>(
    DomainEventID.MEMORY_FAILURE,
    remote.domainEventMemoryFailure,
    ofDomain,
  ),
  "domain.memoryDeviceSizeChange": newer<
    "domain.memoryDeviceSizeChange",
    Numberless<remote.DomainEventMemoryDeviceSizeChangeMsg>
  >(DomainEventID.MEMORY_DEVICE_SIZE_CHANGE, remote.domainEventMemoryDeviceSizeChange, ofDomain),
  "domain.nicMacChange": newer<"domain.nicMacChange", Numberless<remote.DomainEventNicMacChangeMsg>>(
    DomainEventID.NIC_MAC_CHANGE,
    remote.domainEventNicMacChange,
    ofDomain,
  ),
  "domain.vcpuRemoved": newer<"domain.vcpuRemoved", Numberless<remote.DomainEventVcpuRemovedMsg>>(
    DomainEventID.VCPU_REMOVED,
    remote.domainEventVcpuRemoved,
    ofDomain,
  ),
  "domain.channelLifecycle": newer<
    "domain.channelLifecycle",
    Numberless<remote.DomainEventCallbackChannelLifecycleMsg>
  >(DomainEventID.CHANNEL_LIFECYCLE, remote.domainEventCallbackChannelLifecycle, ofDomain),
};
