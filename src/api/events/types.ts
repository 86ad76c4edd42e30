import type {
  ConnectCloseReason,
  ConnectDomainQemuMonitorEventRegisterFlags,
  NetworkEventLifecycleType,
  NetworkMetadataType,
  NodeDeviceEventLifecycleType,
  SecretEventLifecycleType,
  StoragePoolEventLifecycleType,
} from "../../generated/constants.js";
import type { Domain } from "../domain.js";
import type { JsonFriendly } from "../json.js";
import type { Network } from "../network.js";
import type { NodeDevice } from "../node-device.js";
import type { Secret } from "../secret.js";
import type { StoragePool } from "../storage-pool.js";
import type * as domain from "./domain-types.js";
import type { EventClass, eventNames, NameIn } from "./names.js";

/** `network.lifecycle`: a network was defined, started, stopped and so on. */
export interface NetworkLifecycleEvent extends JsonFriendly {
  readonly network: Network;
  readonly event: NetworkEventLifecycleType;
  readonly eventName: NameIn<typeof NetworkEventLifecycleType>;
  /** libvirt has no meaning for it yet: 0. */
  readonly detail: number;
}

/** `network.metadataChange`: the title, the description or an element of the metadata was changed. */
export interface NetworkMetadataChangeEvent extends JsonFriendly {
  readonly network: Network;
  readonly type: NetworkMetadataType;
  readonly typeName: NameIn<typeof NetworkMetadataType>;
  /** The element's XML namespace; `null` for title and description. */
  readonly nsuri: string | null;
}

/** `storagePool.lifecycle`: a pool was defined, started, stopped and so on. */
export interface StoragePoolLifecycleEvent extends JsonFriendly {
  readonly pool: StoragePool;
  readonly event: StoragePoolEventLifecycleType;
  readonly eventName: NameIn<typeof StoragePoolEventLifecycleType>;
  /** libvirt has no meaning for it yet: 0. */
  readonly detail: number;
}

/** `storagePool.refresh`: what is in a pool was looked up anew. */
export interface StoragePoolRefreshEvent extends JsonFriendly {
  readonly pool: StoragePool;
}

/** `nodeDevice.lifecycle`: a device of the host has come or gone. */
export interface NodeDeviceLifecycleEvent extends JsonFriendly {
  readonly device: NodeDevice;
  readonly event: NodeDeviceEventLifecycleType;
  readonly eventName: NameIn<typeof NodeDeviceEventLifecycleType>;
  /** libvirt has no meaning for it yet: 0. */
  readonly detail: number;
}

/** `nodeDevice.update`: a device's description has changed. */
export interface NodeDeviceUpdateEvent extends JsonFriendly {
  readonly device: NodeDevice;
}

/** `secret.lifecycle`: a secret was defined or undefined. */
export interface SecretLifecycleEvent extends JsonFriendly {
  readonly secret: Secret;
  readonly event: SecretEventLifecycleType;
  readonly eventName: NameIn<typeof SecretEventLifecycleType>;
  /** libvirt has no meaning for it yet: 0. */
  readonly detail: number;
}

/** `secret.valueChanged`: a secret has got another value. */
export interface SecretValueChangedEvent extends JsonFriendly {
  readonly secret: Secret;
}

/** `qemu.monitor`: an event of QEMU's own, as it came over its monitor. */
export interface QemuMonitorEvent extends JsonFriendly {
  readonly domain: Domain;
  /** QEMU's name for it, such as `SHUTDOWN`. */
  readonly event: string;
  /** When it happened, in seconds since 1970. */
  readonly seconds: bigint;
  /** And microseconds. */
  readonly micros: number;
  /** What QEMU has to say about it, as JSON text. */
  readonly details: string | null;
}

/**
 * `connection.close`: the connection was lost, or the daemon has lost its hypervisor. With the option `reconnect` it
 * comes when the connection is given up.
 */
export interface ConnectionCloseEvent extends JsonFriendly {
  readonly reason: ConnectCloseReason;
  readonly reasonName: NameIn<typeof ConnectCloseReason>;
}

/** `connection.lost`: the connection was lost, and is going to be made again. */
export interface ConnectionLostEvent extends JsonFriendly {
  readonly reason: ConnectCloseReason;
  readonly reasonName: NameIn<typeof ConnectCloseReason>;
  /** What calls that were with the daemon failed because of. */
  readonly error: Error;
}

/** `connection.attemptFailed`: an attempt to connect again has failed, and there will be another one. */
export interface ConnectionAttemptFailedEvent extends JsonFriendly {
  /** Which one it was since the connection was lost: 1, 2 and so on. */
  readonly attempt: number;
  readonly error: Error;
  /** In how many milliseconds the next one begins. */
  readonly delayMs: number;
}

/** `connection.reconnected`: a connection that was lost has been made again, and events come as before. */
export interface ConnectionReconnectedEvent extends ConnectionLostEvent {
  /** How many attempts it took. */
  readonly attempts: number;
  /** For how many milliseconds events may have been missed: since the daemon was last known to be there. */
  readonly missedMs: number;
  /** Why the daemon would not send some of the events any more: their subscriptions have ended with these errors. */
  readonly refused: readonly Error[];
}

/** All events by their names: libvirt's class of objects, and what happens to them. */
export interface EventMap {
  readonly "domain.lifecycle": domain.DomainLifecycleEvent;
  readonly "domain.reboot": domain.DomainEvent;
  readonly "domain.rtcChange": domain.DomainRTCChangeEvent;
  readonly "domain.watchdog": domain.DomainWatchdogEvent;
  readonly "domain.ioError": domain.DomainIOErrorEvent;
  readonly "domain.graphics": domain.DomainGraphicsEvent;
  readonly "domain.ioErrorReason": domain.DomainIOErrorReasonEvent;
  readonly "domain.controlError": domain.DomainEvent;
  readonly "domain.blockJob": domain.DomainBlockJobEvent;
  readonly "domain.diskChange": domain.DomainDiskChangeEvent;
  readonly "domain.trayChange": domain.DomainTrayChangeEvent;
  readonly "domain.pmWakeup": domain.DomainPMEvent;
  readonly "domain.pmSuspend": domain.DomainPMEvent;
  readonly "domain.balloonChange": domain.DomainBalloonChangeEvent;
  readonly "domain.pmSuspendDisk": domain.DomainPMEvent;
  readonly "domain.deviceRemoved": domain.DomainDeviceEvent;
  readonly "domain.blockJob2": domain.DomainBlockJobEvent;
  readonly "domain.tunable": domain.DomainParametersEvent;
  readonly "domain.agentLifecycle": domain.DomainAgentLifecycleEvent;
  readonly "domain.deviceAdded": domain.DomainDeviceEvent;
  readonly "domain.migrationIteration": domain.DomainMigrationIterationEvent;
  readonly "domain.jobCompleted": domain.DomainParametersEvent;
  readonly "domain.deviceRemovalFailed": domain.DomainDeviceEvent;
  readonly "domain.metadataChange": domain.DomainMetadataChangeEvent;
  readonly "domain.blockThreshold": domain.DomainBlockThresholdEvent;
  readonly "domain.memoryFailure": domain.DomainMemoryFailureEvent;
  readonly "domain.memoryDeviceSizeChange": domain.DomainMemoryDeviceSizeChangeEvent;
  readonly "domain.nicMacChange": domain.DomainNICMACChangeEvent;
  readonly "domain.vcpuRemoved": domain.DomainVcpuRemovedEvent;
  readonly "domain.channelLifecycle": domain.DomainChannelLifecycleEvent;
  readonly "network.lifecycle": NetworkLifecycleEvent;
  readonly "network.metadataChange": NetworkMetadataChangeEvent;
  readonly "storagePool.lifecycle": StoragePoolLifecycleEvent;
  readonly "storagePool.refresh": StoragePoolRefreshEvent;
  readonly "nodeDevice.lifecycle": NodeDeviceLifecycleEvent;
  readonly "nodeDevice.update": NodeDeviceUpdateEvent;
  readonly "secret.lifecycle": SecretLifecycleEvent;
  readonly "secret.valueChanged": SecretValueChangedEvent;
  readonly "qemu.monitor": QemuMonitorEvent;
  readonly "connection.close": ConnectionCloseEvent;
  readonly "connection.lost": ConnectionLostEvent;
  readonly "connection.attemptFailed": ConnectionAttemptFailedEvent;
  readonly "connection.reconnected": ConnectionReconnectedEvent;
}

/** What events are called: `domain.lifecycle`. */
export type EventName = keyof EventMap;

/** The events of one class by libvirt's number: `EventByID<"domain", typeof DomainEventID.LIFECYCLE>`. */
export type EventByID<
  Class extends EventClass,
  ID extends number,
> = `${Class}.${(typeof eventNames)[Class][ID] & string}` extends infer Name extends EventName
  ? EventMap[Name]
  : never;

/** Narrows events of domains down to one domain's. */
export interface DomainEventFilter {
  readonly domain?: Domain | null | undefined;
}

/** Narrows QEMU's events down by domain and by name. */
export interface QemuMonitorEventFilter extends DomainEventFilter {
  /** The event's name; all events without it. */
  readonly event?: string | null | undefined;
  /** Have `event` taken for a regular expression, or compared without regard to case. */
  readonly flags?: ConnectDomainQemuMonitorEventRegisterFlags | undefined;
}

/** For each class of events, what narrows them down. */
export interface EventFilters {
  readonly domain: DomainEventFilter;
  readonly network: { readonly network?: Network | null | undefined };
  readonly storagePool: { readonly pool?: StoragePool | null | undefined };
  readonly nodeDevice: { readonly device?: NodeDevice | null | undefined };
  readonly secret: { readonly secret?: Secret | null | undefined };
  readonly qemu: QemuMonitorEventFilter;
  readonly connection: Readonly<Record<never, never>>;
}

/** What narrows down the events of this name. */
export type EventFilter<Name extends EventName> =
  Name extends `${infer Class extends keyof EventFilters}.${string}` ? EventFilters[Class] : never;
