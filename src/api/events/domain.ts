import { type Enum, flagNames } from "../../enums.js";
import { UnsupportedError } from "../../errors.js";
import {
  ConnectDomainEventAgentLifecycleReason,
  ConnectDomainEventAgentLifecycleState,
  ConnectDomainEventBlockJobStatus,
  ConnectDomainEventChannelLifecycleReason,
  ConnectDomainEventChannelLifecycleState,
  ConnectDomainEventDiskChangeReason,
  DomainBlockJobType,
  DomainEventCrashedDetailType,
  DomainEventDefinedDetailType,
  DomainEventGraphicsAddressType,
  DomainEventGraphicsPhase,
  DomainEventIOErrorAction,
  DomainEventPMSuspendedDetailType,
  DomainEventResumedDetailType,
  DomainEventShutdownDetailType,
  DomainEventStartedDetailType,
  DomainEventStoppedDetailType,
  DomainEventSuspendedDetailType,
  DomainEventTrayChangeReason,
  DomainEventType,
  DomainEventUndefinedDetailType,
  DomainEventWatchdogAction,
  DomainMemoryFailureActionType,
  DomainMemoryFailureFlags,
  DomainMemoryFailureRecipientType,
  DomainMetadataType,
} from "../../generated/constants.js";
import type { DomainEventGraphicsAddress, NonnullDomain } from "../../protocol/generated/remote.js";
import * as remote from "../../protocol/generated/remote.js";
import type { EventMessage } from "../../protocol/procedure.js";
import { type Numbered, numberedSource, unnumberedSource } from "../../rpc/event-source.js";
import type { SessionEvents } from "../../rpc/events.js";
import { DriverFeature } from "../../rpc/feature.js";
import { formatUuid } from "../../uuid.js";
import type { Connection } from "../connection.js";
import { Domain } from "../domain.js";
import { withJson } from "../json.js";
import { fromTypedParams } from "../typed-params.js";
import type { DomainGraphicsAddress, DomainLifecycleEvent } from "./domain-types.js";
import { type Feed, ownObject, registrationKey } from "./feed.js";
import { eventNames, nameIn } from "./names.js";
import type { DomainEventFilter, EventMap } from "./types.js";

type Name = (typeof eventNames)["domain"][number];

/** What an event says beside the domain. */
type Body<N extends Name = Name> = Omit<EventMap[`domain.${N}`], "domain" | "toJSON">;

interface Reading<B, Message> {
  readonly message: EventMessage<Message>;
  read(message: Message): readonly [NonnullDomain, B];
}

interface Kind<B> {
  readonly numbered: Reading<B, Numbered>;
  /** How it comes from daemons before libvirt 1.2.1, which give out no callback IDs. */
  readonly unnumbered?: Reading<B, unknown>;
}

interface OfDomain {
  readonly dom: NonnullDomain;
}

function reading<B, Message>(
  message: EventMessage<Message>,
  read: (message: Message) => readonly [NonnullDomain, B],
): Reading<B, Message> {
  return { message, read };
}

/** Events that there were before callback IDs, which were put around them. */
function old<Message extends OfDomain, B>(
  numbered: EventMessage<Numbered & { readonly msg: Message }>,
  unnumbered: EventMessage<Message>,
  body: (message: Message) => B,
): Kind<B> {
  return {
    numbered: reading(numbered, ({ msg }) => [msg.dom, body(msg)]),
    unnumbered: reading(unnumbered, (msg) => [msg.dom, body(msg)]),
  };
}

/** Power management: the reason came with the callback IDs. */
function power(
  numbered: EventMessage<Numbered & { readonly reason: number; readonly msg: OfDomain }>,
  unnumbered: EventMessage<OfDomain>,
): Kind<{ readonly reason: number }> {
  return {
    numbered: reading(numbered, ({ msg, reason }) => [msg.dom, { reason }]),
    unnumbered: reading(unnumbered, (msg) => [msg.dom, { reason: 0 }]),
  };
}

function recent<Message extends OfDomain & Numbered, B>(
  message: EventMessage<Message>,
  body: (message: Message) => B,
): Kind<B> {
  return { numbered: reading(message, (received) => [received.dom, body(received)]) };
}

const nothing = () => ({});

const details: Readonly<Record<DomainEventType, Enum>> = {
  [DomainEventType.DEFINED]: DomainEventDefinedDetailType,
  [DomainEventType.UNDEFINED]: DomainEventUndefinedDetailType,
  [DomainEventType.STARTED]: DomainEventStartedDetailType,
  [DomainEventType.SUSPENDED]: DomainEventSuspendedDetailType,
  [DomainEventType.RESUMED]: DomainEventResumedDetailType,
  [DomainEventType.STOPPED]: DomainEventStoppedDetailType,
  [DomainEventType.SHUTDOWN]: DomainEventShutdownDetailType,
  [DomainEventType.PMSUSPENDED]: DomainEventPMSuspendedDetailType,
  [DomainEventType.CRASHED]: DomainEventCrashedDetailType,
};

function lifecycle({ event, detail }: remote.DomainEventLifecycleMsg): Body<"lifecycle"> {
  const detailName = nameIn(details[event] ?? {}, detail) as DomainLifecycleEvent["detailName"];
  return { event, eventName: nameIn(DomainEventType, event), detail, detailName };
}

function ioError({ srcPath, devAlias, action }: remote.DomainEventIoErrorMsg): Body<"ioError"> {
  return { srcPath, devAlias, action, actionName: nameIn(DomainEventIOErrorAction, action) };
}

function address({ family, node, service }: DomainEventGraphicsAddress): DomainGraphicsAddress {
  return { family, familyName: nameIn(DomainEventGraphicsAddressType, family), node, service };
}

function graphics(message: remote.DomainEventGraphicsMsg): Body<"graphics"> {
  const { phase, local, remote: viewer, authScheme, subject } = message;
  const phaseName = nameIn(DomainEventGraphicsPhase, phase);
  return { phase, phaseName, local: address(local), remote: address(viewer), authScheme, subject };
}

function blockJob(disk: string, type: number, status: number): Body<"blockJob"> {
  return {
    disk,
    type,
    typeName: nameIn(DomainBlockJobType, type),
    status,
    statusName: nameIn(ConnectDomainEventBlockJobStatus, status),
  };
}

function diskChange(message: remote.DomainEventDiskChangeMsg): Body<"diskChange"> {
  const { oldSrcPath, newSrcPath, devAlias, reason } = message;
  const reasonName = nameIn(ConnectDomainEventDiskChangeReason, reason);
  return { oldSrcPath, newSrcPath, devAlias, reason, reasonName };
}

function agentLifecycle(message: remote.DomainEventCallbackAgentLifecycleMsg): Body<"agentLifecycle"> {
  const { state, reason } = message;
  return {
    state,
    stateName: nameIn(ConnectDomainEventAgentLifecycleState, state),
    reason,
    reasonName: nameIn(ConnectDomainEventAgentLifecycleReason, reason),
  };
}

function channelLifecycle(message: remote.DomainEventCallbackChannelLifecycleMsg): Body<"channelLifecycle"> {
  const { channelName, state, reason } = message;
  return {
    channelName,
    state,
    stateName: nameIn(ConnectDomainEventChannelLifecycleState, state),
    reason,
    reasonName: nameIn(ConnectDomainEventChannelLifecycleReason, reason),
  };
}

function memoryFailure({
  recipient,
  action,
  flags,
}: remote.DomainEventMemoryFailureMsg): Body<"memoryFailure"> {
  return {
    recipient,
    recipientName: nameIn(DomainMemoryFailureRecipientType, recipient),
    action,
    actionName: nameIn(DomainMemoryFailureActionType, action),
    flags,
    flagNames: flagNames(DomainMemoryFailureFlags, flags),
  };
}

const device = ({ devAlias }: { readonly devAlias: string }) => ({ devAlias });

const kinds: { readonly [N in Name]: Kind<Body<N>> } = {
  lifecycle: old(remote.domainEventCallbackLifecycle, remote.domainEventLifecycle, lifecycle),
  reboot: old(remote.domainEventCallbackReboot, remote.domainEventReboot, nothing),
  rtcChange: old(remote.domainEventCallbackRtcChange, remote.domainEventRtcChange, ({ offset }) => ({
    utcoffset: offset,
  })),
  watchdog: old(remote.domainEventCallbackWatchdog, remote.domainEventWatchdog, ({ action }) => ({
    action,
    actionName: nameIn(DomainEventWatchdogAction, action),
  })),
  ioError: old(remote.domainEventCallbackIoError, remote.domainEventIoError, ioError),
  graphics: old(remote.domainEventCallbackGraphics, remote.domainEventGraphics, graphics),
  ioErrorReason: old(remote.domainEventCallbackIoErrorReason, remote.domainEventIoErrorReason, (message) => ({
    ...ioError(message),
    reason: message.reason,
  })),
  controlError: old(remote.domainEventCallbackControlError, remote.domainEventControlError, nothing),
  blockJob: old(remote.domainEventCallbackBlockJob, remote.domainEventBlockJob, ({ path, type, status }) =>
    blockJob(path, type, status),
  ),
  diskChange: old(remote.domainEventCallbackDiskChange, remote.domainEventDiskChange, diskChange),
  trayChange: old(
    remote.domainEventCallbackTrayChange,
    remote.domainEventTrayChange,
    ({ devAlias, reason }) => ({
      devAlias,
      reason,
      reasonName: nameIn(DomainEventTrayChangeReason, reason),
    }),
  ),
  pmWakeup: power(remote.domainEventCallbackPmwakeup, remote.domainEventPmwakeup),
  pmSuspend: power(remote.domainEventCallbackPmsuspend, remote.domainEventPmsuspend),
  balloonChange: old(
    remote.domainEventCallbackBalloonChange,
    remote.domainEventBalloonChange,
    ({ actual }) => ({ actual }),
  ),
  pmSuspendDisk: power(remote.domainEventCallbackPmsuspendDisk, remote.domainEventPmsuspendDisk),
  deviceRemoved: old(remote.domainEventCallbackDeviceRemoved, remote.domainEventDeviceRemoved, device),
  blockJob2: recent(remote.domainEventBlockJob2, ({ dst, type, status }) => blockJob(dst, type, status)),
  tunable: recent(remote.domainEventCallbackTunable, ({ params }) => ({ params: fromTypedParams(params) })),
  agentLifecycle: recent(remote.domainEventCallbackAgentLifecycle, agentLifecycle),
  deviceAdded: recent(remote.domainEventCallbackDeviceAdded, device),
  migrationIteration: recent(remote.domainEventCallbackMigrationIteration, ({ iteration }) => ({
    iteration,
  })),
  jobCompleted: recent(remote.domainEventCallbackJobCompleted, ({ params }) => ({
    params: fromTypedParams(params),
  })),
  deviceRemovalFailed: recent(remote.domainEventCallbackDeviceRemovalFailed, device),
  metadataChange: recent(remote.domainEventCallbackMetadataChange, ({ type, nsuri }) => ({
    type,
    typeName: nameIn(DomainMetadataType, type),
    nsuri,
  })),
  blockThreshold: recent(remote.domainEventBlockThreshold, ({ dev, path, threshold, excess }) => ({
    dev,
    path,
    threshold,
    excess,
  })),
  memoryFailure: recent(remote.domainEventMemoryFailure, memoryFailure),
  memoryDeviceSizeChange: recent(remote.domainEventMemoryDeviceSizeChange, ({ alias, size }) => ({
    alias,
    size,
  })),
  nicMacChange: recent(remote.domainEventNicMacChange, ({ alias, oldMAC, newMAC }) => ({
    alias,
    oldMAC,
    newMAC,
  })),
  vcpuRemoved: recent(remote.domainEventVcpuRemoved, ({ vcpuid }) => ({ vcpuid })),
  channelLifecycle: recent(remote.domainEventCallbackChannelLifecycle, channelLifecycle),
};

export async function feed(
  connection: Connection,
  events: SessionEvents,
  name: Name,
  { domain = null }: DomainEventFilter,
): Promise<Feed<unknown>> {
  const only = ownObject(connection, "domain", Domain, domain);
  const kind: Kind<Body> = kinds[name];
  const eventID = eventNames.domain.indexOf(name);
  const toEvent = ([dom, body]: readonly [NonnullDomain, Body]) =>
    withJson({ domain: new Domain(connection, dom), ...body });

  if (await events.supports(DriverFeature.REMOTE_EVENT_CALLBACK)) {
    const { message, read } = kind.numbered;
    const source = numberedSource(
      registrationKey(message, only?.uuid),
      message,
      remote.connectDomainEventCallbackRegisterAny,
      { eventID, dom: only?.ref ?? null },
      remote.connectDomainEventCallbackDeregisterAny,
    );
    return { source, read: (received: Numbered) => toEvent(read(received)) };
  }

  if (!kind.unnumbered) {
    throw new UnsupportedError(`the daemon cannot send domain.${name}: that takes libvirt 1.2.1 or newer`);
  }
  const { message, read } = kind.unnumbered;
  const source =
    name === "lifecycle"
      ? unnumberedSource(
          message,
          remote.connectDomainEventRegister,
          remote.connectDomainEventDeregister,
          undefined,
        )
      : unnumberedSource(
          message,
          remote.connectDomainEventRegisterAny,
          remote.connectDomainEventDeregisterAny,
          { eventID },
        );
  return {
    source,
    // Such a daemon sends the events of all domains.
    read: (received: unknown) => {
      const [dom, body] = read(received);
      return only && formatUuid(dom.uuid) !== only.uuid ? undefined : toEvent([dom, body]);
    },
  };
}
