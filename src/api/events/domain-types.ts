import type {
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
import type { Domain } from "../domain.js";
import type { JsonFriendly } from "../json.js";
import type { TypedParameters } from "../typed-params.js";
import type { NameIn } from "./names.js";

/** What all events of domains have. Some have nothing else to say: `domain.reboot`, `domain.controlError`. */
export interface DomainEvent extends JsonFriendly {
  /** The domain, as it was known when the event happened. */
  readonly domain: Domain;
}

/** `domain.lifecycle`: a domain was defined, started, stopped and so on. */
export interface DomainLifecycleEvent extends DomainEvent {
  readonly event: DomainEventType;
  readonly eventName: NameIn<typeof DomainEventType>;
  /** Why: a value of the enum that belongs to the event, such as `DomainEventStartedDetailType`. */
  readonly detail: number;
  readonly detailName:
    | NameIn<typeof DomainEventDefinedDetailType>
    | NameIn<typeof DomainEventUndefinedDetailType>
    | NameIn<typeof DomainEventStartedDetailType>
    | NameIn<typeof DomainEventSuspendedDetailType>
    | NameIn<typeof DomainEventResumedDetailType>
    | NameIn<typeof DomainEventStoppedDetailType>
    | NameIn<typeof DomainEventShutdownDetailType>
    | NameIn<typeof DomainEventPMSuspendedDetailType>
    | NameIn<typeof DomainEventCrashedDetailType>;
}

/** `domain.rtcChange`: the guest has set its clock. */
export interface DomainRTCChangeEvent extends DomainEvent {
  /** How far the guest's clock is from UTC, in seconds. */
  readonly utcoffset: bigint;
}

/** `domain.watchdog`: the guest's watchdog has not heard from it in time. */
export interface DomainWatchdogEvent extends DomainEvent {
  /** What is done about it. */
  readonly action: DomainEventWatchdogAction;
  readonly actionName: NameIn<typeof DomainEventWatchdogAction>;
}

/** `domain.ioError`: reading or writing a disk has failed. */
export interface DomainIOErrorEvent extends DomainEvent {
  /** The disk's file or device on the host. */
  readonly srcPath: string;
  /** The disk's alias in the domain's XML. */
  readonly devAlias: string;
  /** What is done about it. */
  readonly action: DomainEventIOErrorAction;
  readonly actionName: NameIn<typeof DomainEventIOErrorAction>;
}

/** `domain.ioErrorReason`: as `domain.ioError`, with a reason. */
export interface DomainIOErrorReasonEvent extends DomainIOErrorEvent {
  /** `enospc` for a full disk; empty for anything else. */
  readonly reason: string;
}

/** One end of a connection to a guest's display. */
export interface DomainGraphicsAddress {
  readonly family: DomainEventGraphicsAddressType;
  readonly familyName: NameIn<typeof DomainEventGraphicsAddressType>;
  /** The address, or a unix socket's path. */
  readonly node: string;
  /** The port. */
  readonly service: string;
}

/** Something that a viewer has proved to be. */
export interface DomainGraphicsIdentity {
  /** `x509dname`, `saslUsername`, … */
  readonly type: string;
  readonly name: string;
}

/** `domain.graphics`: somebody connects to the guest's display, or leaves it. */
export interface DomainGraphicsEvent extends DomainEvent {
  readonly phase: DomainEventGraphicsPhase;
  readonly phaseName: NameIn<typeof DomainEventGraphicsPhase>;
  /** The hypervisor's end. */
  readonly local: DomainGraphicsAddress;
  /** The viewer's end. */
  readonly remote: DomainGraphicsAddress;
  /** How the viewer authenticates. */
  readonly authScheme: string;
  /** Who the viewer is. */
  readonly subject: readonly DomainGraphicsIdentity[];
}

/** `domain.blockJob` and `domain.blockJob2`: a block job has ended, or is ready to be ended. */
export interface DomainBlockJobEvent extends DomainEvent {
  /** The disk: its file on the host for `domain.blockJob`, its target (`vda`) for `domain.blockJob2`. */
  readonly disk: string;
  readonly type: DomainBlockJobType;
  readonly typeName: NameIn<typeof DomainBlockJobType>;
  readonly status: ConnectDomainEventBlockJobStatus;
  readonly statusName: NameIn<typeof ConnectDomainEventBlockJobStatus>;
}

/** `domain.diskChange`: a disk lost its source, because it was missing when the domain started. */
export interface DomainDiskChangeEvent extends DomainEvent {
  readonly oldSrcPath: string | null;
  readonly newSrcPath: string | null;
  readonly devAlias: string;
  readonly reason: ConnectDomainEventDiskChangeReason;
  readonly reasonName: NameIn<typeof ConnectDomainEventDiskChangeReason>;
}

/** `domain.trayChange`: a drive's tray was opened or closed. */
export interface DomainTrayChangeEvent extends DomainEvent {
  readonly devAlias: string;
  readonly reason: DomainEventTrayChangeReason;
  readonly reasonName: NameIn<typeof DomainEventTrayChangeReason>;
}

/** `domain.pmWakeup`, `domain.pmSuspend`, `domain.pmSuspendDisk`: the guest wakes up or goes to sleep. */
export interface DomainPMEvent extends DomainEvent {
  /** libvirt has no meaning for it yet: 0. */
  readonly reason: number;
}

/** `domain.balloonChange`: the guest's memory has been changed by its balloon. */
export interface DomainBalloonChangeEvent extends DomainEvent {
  /** In KiB. */
  readonly actual: bigint;
}

/** `domain.deviceAdded`, `domain.deviceRemoved`, `domain.deviceRemovalFailed`. */
export interface DomainDeviceEvent extends DomainEvent {
  /** The device's alias in the domain's XML. */
  readonly devAlias: string;
}

/** `domain.tunable` says what was tuned, `domain.jobCompleted` what the job came to. */
export interface DomainParametersEvent extends DomainEvent {
  /** By the names of the `DOMAIN_TUNABLE_*` or the `DOMAIN_JOB_*` constants. */
  readonly params: TypedParameters;
}

/** `domain.agentLifecycle`: the guest's agent has come or gone. */
export interface DomainAgentLifecycleEvent extends DomainEvent {
  readonly state: ConnectDomainEventAgentLifecycleState;
  readonly stateName: NameIn<typeof ConnectDomainEventAgentLifecycleState>;
  readonly reason: ConnectDomainEventAgentLifecycleReason;
  readonly reasonName: NameIn<typeof ConnectDomainEventAgentLifecycleReason>;
}

/** `domain.channelLifecycle`: something in the guest has opened or closed one of its channels. */
export interface DomainChannelLifecycleEvent extends DomainEvent {
  /** The channel's target name. */
  readonly channelName: string;
  readonly state: ConnectDomainEventChannelLifecycleState;
  readonly stateName: NameIn<typeof ConnectDomainEventChannelLifecycleState>;
  readonly reason: ConnectDomainEventChannelLifecycleReason;
  readonly reasonName: NameIn<typeof ConnectDomainEventChannelLifecycleReason>;
}

/** `domain.migrationIteration`: a migration begins to send memory once more. */
export interface DomainMigrationIterationEvent extends DomainEvent {
  /** For the how many-th time. */
  readonly iteration: number;
}

/** `domain.metadataChange`: the title, the description or an element of the metadata was changed. */
export interface DomainMetadataChangeEvent extends DomainEvent {
  readonly type: DomainMetadataType;
  readonly typeName: NameIn<typeof DomainMetadataType>;
  /** The element's XML namespace; `null` for title and description. */
  readonly nsuri: string | null;
}

/** `domain.blockThreshold`: the guest has written beyond a threshold that was set. It is not told again. */
export interface DomainBlockThresholdEvent extends DomainEvent {
  /** The disk's target (`vda`), with the number of a backing image (`vda[1]`). */
  readonly dev: string;
  /** The image's file on the host, where there is one. */
  readonly path: string | null;
  /** In bytes from the image's beginning. */
  readonly threshold: bigint;
  /** By how many bytes it was exceeded. */
  readonly excess: bigint;
}

/** `domain.memoryFailure`: memory of the host or the guest is broken. */
export interface DomainMemoryFailureEvent extends DomainEvent {
  /** Whose memory. */
  readonly recipient: DomainMemoryFailureRecipientType;
  readonly recipientName: NameIn<typeof DomainMemoryFailureRecipientType>;
  /** What was done about it. */
  readonly action: DomainMemoryFailureActionType;
  readonly actionName: NameIn<typeof DomainMemoryFailureActionType>;
  readonly flags: DomainMemoryFailureFlags;
  readonly flagNames: readonly string[];
}

/** `domain.memoryDeviceSizeChange`: the guest has taken or given back memory of a virtio-mem device. */
export interface DomainMemoryDeviceSizeChangeEvent extends DomainEvent {
  readonly alias: string;
  /** In KiB. */
  readonly size: bigint;
}

/** `domain.nicMacChange`: the guest has changed a network card's address. */
export interface DomainNICMACChangeEvent extends DomainEvent {
  readonly alias: string;
  readonly oldMAC: string;
  readonly newMAC: string;
}

/** `domain.vcpuRemoved`: the guest has let go of a virtual CPU. */
export interface DomainVcpuRemovedEvent extends DomainEvent {
  /** Its number. */
  readonly vcpuid: number;
}
