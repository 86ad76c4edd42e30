import type * as remote from "../../protocol/generated/remote.js";
import type { Uuid } from "./identity.js";
import type { PlainParams } from "./plain-params.js";

/** Which domain, as it was when something happened to it. */
export interface DomainRef {
  readonly name: string;
  readonly uuid: Uuid;
  readonly id: number;
}

/** Which network or storage pool. */
export interface NamedRef {
  readonly name: string;
  readonly uuid: Uuid;
}

/** Which secret, and what it is for. */
export interface SecretRef {
  readonly uuid: Uuid;
  readonly usageType: number;
  readonly usageID: string;
}

/** Beside the domain. */
type Body<Message> = Omit<Message, "callbackID" | "dom">;

interface BlockJob {
  /** The disk's path or, in the second kind of event, its target. */
  readonly disk: string;
  readonly type: number;
  readonly status: number;
}

interface Params {
  readonly params: PlainParams;
}

/** What each event says beside the thing that it happened to. The numbers are libvirt's. */
interface Bodies {
  readonly "domain.lifecycle": Body<remote.DomainEventLifecycleMsg>;
  readonly "domain.reboot": object;
  readonly "domain.rtcChange": { readonly utcoffset: bigint };
  readonly "domain.watchdog": Body<remote.DomainEventWatchdogMsg>;
  readonly "domain.ioError": Body<remote.DomainEventIoErrorMsg>;
  readonly "domain.graphics": Body<remote.DomainEventGraphicsMsg>;
  readonly "domain.ioErrorReason": Body<remote.DomainEventIoErrorReasonMsg>;
  readonly "domain.controlError": object;
  readonly "domain.blockJob": BlockJob;
  readonly "domain.diskChange": Body<remote.DomainEventDiskChangeMsg>;
  readonly "domain.trayChange": Body<remote.DomainEventTrayChangeMsg>;
  readonly "domain.balloonChange": Body<remote.DomainEventBalloonChangeMsg>;
  readonly "domain.deviceRemoved": Body<remote.DomainEventDeviceRemovedMsg>;
  readonly "domain.pmWakeup": { readonly reason: number };
  readonly "domain.pmSuspend": { readonly reason: number };
  readonly "domain.pmSuspendDisk": { readonly reason: number };
  readonly "domain.blockJob2": BlockJob;
  readonly "domain.tunable": Params;
  readonly "domain.agentLifecycle": Body<remote.DomainEventCallbackAgentLifecycleMsg>;
  readonly "domain.deviceAdded": Body<remote.DomainEventCallbackDeviceAddedMsg>;
  readonly "domain.migrationIteration": Body<remote.DomainEventCallbackMigrationIterationMsg>;
  readonly "domain.jobCompleted": Params;
  readonly "domain.deviceRemovalFailed": Body<remote.DomainEventCallbackDeviceRemovalFailedMsg>;
  readonly "domain.metadataChange": Body<remote.DomainEventCallbackMetadataChangeMsg>;
  readonly "domain.blockThreshold": Body<remote.DomainEventBlockThresholdMsg>;
  readonly "domain.memoryFailure": Body<remote.DomainEventMemoryFailureMsg>;
  readonly "domain.memoryDeviceSizeChange": Body<remote.DomainEventMemoryDeviceSizeChangeMsg>;
  readonly "domain.nicMacChange": Body<remote.DomainEventNicMacChangeMsg>;
  readonly "domain.vcpuRemoved": Body<remote.DomainEventVcpuRemovedMsg>;
  readonly "domain.channelLifecycle": Body<remote.DomainEventCallbackChannelLifecycleMsg>;
  readonly "network.lifecycle": { readonly event: number; readonly detail: number };
  readonly "network.metadataChange": { readonly type: number; readonly nsuri: string | null };
  readonly "storagePool.lifecycle": { readonly event: number; readonly detail: number };
  readonly "storagePool.refresh": object;
  readonly "nodeDevice.lifecycle": { readonly event: number; readonly detail: number };
  readonly "nodeDevice.update": object;
  // These the test driver never has; a hypervisor that a test has made can.
  readonly "secret.lifecycle": { readonly event: number; readonly detail: number };
  readonly "secret.valueChanged": object;
  readonly "qemu.monitor": {
    readonly event: string;
    readonly seconds: bigint;
    readonly micros: number;
    readonly details: string | null;
  };
  readonly "connection.close": { readonly reason: number };
}

interface Subjects {
  readonly domain: DomainRef;
  readonly network: NamedRef;
  readonly storagePool: NamedRef;
  readonly nodeDevice: { readonly name: string };
  readonly secret: SecretRef;
  readonly qemu: DomainRef;
  /** Every connection to the world. */
  readonly connection: object;
}

export type EventName = keyof Bodies;
export type DomainEventName = EventName & `domain.${string}`;
/** The thing that an event happens to, by what stands before the dot. */
export type SubjectOf<Name extends EventName> = Name extends `${infer Class extends keyof Subjects}.${string}`
  ? Subjects[Class]
  : never;
export type BodyOf<Name extends EventName> = Bodies[Name];

/** Something that happened in a world. */
export interface WorldEvent<Name extends EventName = EventName> {
  readonly name: Name;
  readonly subject: SubjectOf<Name>;
  readonly body: BodyOf<Name>;
}

type Listener = (event: WorldEvent) => void;

/** Tells what happens in a world to whoever listens, in the order in which it happens. */
export class EventHub {
  readonly #listeners = new Set<Listener>();
  #lastNumber = -1;

  emit<Name extends EventName>(name: Name, subject: SubjectOf<Name>, body: BodyOf<Name>): void {
    const event = { name, subject, body } as WorldEvent;
    for (const listener of this.#listeners) listener(event);
  }

  /** Returns how to end it. */
  listen(listener: Listener): () => void {
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Numbers for registrations: one sequence for all who share the world, as in libvirt. */
  nextNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }
}
