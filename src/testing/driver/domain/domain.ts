import {
  DomainEventDefinedDetailType,
  DomainEventResumedDetailType,
  DomainEventStartedDetailType,
  DomainEventStoppedDetailType,
  DomainEventSuspendedDetailType,
  DomainEventType,
  DomainEventUndefinedDetailType,
  DomainModificationImpact,
  DomainPausedReason,
  DomainRunningReason,
  DomainShutoffReason,
  DomainState,
  ErrorDomain,
  ErrorNumber,
} from "../../../generated/constants.js";
import { driverError, invalidArgument } from "../errors.js";
import type { DomainRef, EventHub } from "../events.js";
import type { Checkpoint } from "./checkpoint.js";
import { copyDefinition } from "./copy.js";
import type { DomainDefinition } from "./definition.js";
import type { Domains } from "./domains.js";
import { FrozenFileSystems } from "./guest.js";
import type { IoThreads } from "./io-threads.js";
import { Messages } from "./messages.js";
import { Moments } from "./moments.js";
import type { Snapshot } from "./snapshot.js";

/** Why a domain stops: the reason that its state has from then on, and the detail of the event. */
const stops = {
  destroyed: [DomainShutoffReason.DESTROYED, DomainEventStoppedDetailType.DESTROYED],
  shutdown: [DomainShutoffReason.SHUTDOWN, DomainEventStoppedDetailType.SHUTDOWN],
  saved: [DomainShutoffReason.SAVED, DomainEventStoppedDetailType.SAVED],
  crashed: [DomainShutoffReason.CRASHED, DomainEventStoppedDetailType.CRASHED],
  fromSnapshot: [DomainShutoffReason.FROM_SNAPSHOT, DomainEventStoppedDetailType.FROM_SNAPSHOT],
} as const;

const starts = {
  booted: [DomainRunningReason.BOOTED, DomainEventStartedDetailType.BOOTED],
  restored: [DomainRunningReason.RESTORED, DomainEventStartedDetailType.RESTORED],
  fromSnapshot: [DomainRunningReason.FROM_SNAPSHOT, DomainEventStartedDetailType.FROM_SNAPSHOT],
} as const;

/** What a definition's changes are for: libvirt's `AFFECT_LIVE` and `AFFECT_CONFIG`, `0` meaning what is current. */
const { LIVE, CONFIG } = DomainModificationImpact;

/** What a domain may still have that goes with its definition. */
interface Undefining {
  readonly managedSave?: boolean;
  readonly snapshots?: boolean;
}

/** A domain and its life: what it is defined as, whether it runs, and all that happens to it. */
export class Domain {
  readonly #domains: Domains;
  readonly #events: EventHub;
  /** What runs; or, where nothing does, what would. */
  #current: DomainDefinition;
  /** What will run at the next start, where that is something else than `current`. */
  #next: DomainDefinition | undefined;
  #state: DomainState = DomainState.SHUTOFF;
  #reason = 0;
  isPersistent = false;
  autostart = false;
  hasManagedSave = false;
  /** What the clock inside the guest shows. */
  time = { seconds: 627_319_920n, nseconds: 0 };
  readonly frozen = new FrozenFileSystems();
  /** How its IO threads poll. */
  readonly ioThreads: IoThreads = new Map();
  readonly messages = new Messages();
  readonly snapshots = new Moments<Snapshot>();
  readonly checkpoints = new Moments<Checkpoint>();

  /** Made by {@link Domains}. */
  constructor(domains: Domains, events: EventHub, definition: DomainDefinition) {
    this.#domains = domains;
    this.#events = events;
    this.#current = definition;
  }

  get name(): string {
    return this.#current.name;
  }

  get uuid(): string {
    return this.#current.uuid;
  }

  get id(): number {
    return this.#current.id;
  }

  /** Its identity as it is now. */
  get ref(): DomainRef {
    return { name: this.name, uuid: this.uuid, id: this.id };
  }

  get state(): DomainState {
    return this.#state;
  }

  /** Why it is in that state: one of the numbers that libvirt has for the state. */
  get reason(): number {
    return this.#reason;
  }

  /** libvirt knows by the ID whether a domain runs. */
  get isActive(): boolean {
    return this.#current.id !== -1;
  }

  /** What runs or, where nothing does, what would. */
  get current(): DomainDefinition {
    return this.#current;
  }

  /** What will be there at the next start. */
  get inactive(): DomainDefinition {
    return this.#next ?? this.#current;
  }

  /** The one definition that a change with these flags is for, and whether that is the running one. */
  definitionFor(flags: number): { readonly definition: DomainDefinition; readonly isLive: boolean } {
    if (flags & LIVE && flags & CONFIG) {
      const message = "Flags 'VIR_DOMAIN_AFFECT_LIVE' and 'VIR_DOMAIN_AFFECT_CONFIG' are mutually exclusive";
      throw invalidArgument("virDomainObjGetOneDefState", "flags", message);
    }
    const isLive = (this.impactOf(flags) & LIVE) !== 0;
    return { definition: isLive ? this.#current : this.inactive, isLive };
  }

  /** The definitions that a change with these flags is for: the running one, the persistent one, or both. */
  definitionsFor(flags: number): { readonly live?: DomainDefinition; readonly config?: DomainDefinition } {
    const impact = this.impactOf(flags);
    return {
      ...(impact & LIVE && { live: this.#current }),
      ...(impact & CONFIG && { config: this.inactive }),
    };
  }

  /** The flags, with those set that they mean where they say neither: of what is there now. */
  impactOf(flags: number): number {
    const impact = flags & (LIVE | CONFIG) ? flags : flags | (this.isActive ? LIVE : CONFIG);
    if (impact & LIVE) this.checkActive();
    if (impact & CONFIG && !this.isPersistent) {
      const detail = "transient domains do not have any persistent config";
      throw driverError(ErrorNumber.OPERATION_INVALID, detail, ErrorDomain.DOMAIN);
    }
    return impact;
  }

  checkActive(): void {
    if (this.isActive) return;
    throw driverError(ErrorNumber.OPERATION_INVALID, "domain is not running", ErrorDomain.DOMAIN);
  }

  /** Gives it a new persistent definition, for the next start if it runs. */
  define(definition: DomainDefinition): void {
    const before = this.isActive ? this.#next : this.#current;
    this.assign(definition);
    this.isPersistent = true;
    this.defined(before !== undefined);
  }

  /** Tells that it has been defined, for the first time or again. */
  defined(again: boolean): void {
    const { ADDED, UPDATED } = DomainEventDefinedDetailType;
    this.tell(DomainEventType.DEFINED, again ? UPDATED : ADDED);
  }

  /** Takes a definition without a word about it: for the next start if it runs. */
  assign(definition: DomainDefinition): void {
    if (this.isActive) this.#next = definition;
    else this.#current = definition;
  }

  /** Takes a definition to run with until it stops, after which it is again what it was. */
  runWith(definition: DomainDefinition): void {
    this.#next ??= this.#current;
    this.#current = definition;
  }

  /** Starts a domain that is off. Errors speak of domains by the name that the caller knows. */
  create(name = this.name): void {
    if (this.#state !== DomainState.SHUTOFF) {
      throw driverError(ErrorNumber.INTERNAL_ERROR, `Domain '${name}' is already running`);
    }
    this.start("booted");
  }

  /** Begins to run. */
  start(how: keyof typeof starts): void {
    const [reason, detail] = starts[how];
    this.run(DomainState.RUNNING, reason);
    this.tell(DomainEventType.STARTED, detail);
  }

  /** Runs from now on, without a word about it. */
  run(state: DomainState, reason: number): void {
    this.#set(state, reason);
    this.#current.id = this.#domains.nextId();
    try {
      if (this.isPersistent) this.#next ??= copyDefinition(this.#current);
    } catch (error) {
      this.#set(DomainState.SHUTOFF, DomainShutoffReason.FAILED);
      throw error;
    }
    this.hasManagedSave = false;
  }

  /** Stops running; what is not persistent is gone then. */
  stop(why: keyof typeof stops): void {
    this.halt(why);
    if (!this.isPersistent) this.#domains.remove(this);
  }

  /** Stops running, and stays. */
  halt(why: keyof typeof stops): void {
    const [reason, detail] = stops[why];
    this.#set(DomainState.SHUTOFF, reason);
    if (this.#next) {
      this.#current = this.#next;
      this.#current.id = -1;
      this.#next = undefined;
    }
    this.tell(DomainEventType.STOPPED, detail);
  }

  destroy(): void {
    this.checkActive();
    this.stop("destroyed");
  }

  /** Shuts down, and then does what the definition wants done. */
  shutdown(name = this.name): void {
    if (this.#state === DomainState.SHUTOFF) {
      throw driverError(ErrorNumber.INTERNAL_ERROR, `domain '${name}' not running`);
    }
    this.#act("on_poweroff");
  }

  reboot(): void {
    this.checkActive();
    this.#act("on_reboot");
  }

  #act(when: "on_poweroff" | "on_reboot"): void {
    const action = this.#current.action(when);
    if (action === "restart" || action === "rename-restart") {
      this.#set(DomainState.RUNNING, DomainRunningReason.BOOTED);
    } else this.stop("shutdown");
  }

  suspend(name = this.name): void {
    if (this.#state === DomainState.SHUTOFF || this.#state === DomainState.PAUSED) {
      throw driverError(ErrorNumber.INTERNAL_ERROR, `domain '${name}' not running`);
    }
    this.pause(DomainPausedReason.USER, DomainEventSuspendedDetailType.PAUSED);
  }

  /** Pauses, for a reason that the event has its own word for. */
  pause(reason: number, detail: number): void {
    this.#set(DomainState.PAUSED, reason);
    this.tell(DomainEventType.SUSPENDED, detail);
  }

  resume(name = this.name): void {
    if (this.#state !== DomainState.PAUSED) {
      throw driverError(ErrorNumber.INTERNAL_ERROR, `domain '${name}' not paused`);
    }
    this.#set(DomainState.RUNNING, DomainRunningReason.UNPAUSED);
    this.tell(DomainEventType.RESUMED, DomainEventResumedDetailType.UNPAUSED);
  }

  managedSave(): void {
    this.checkActive();
    if (!this.isPersistent) {
      throw driverError(ErrorNumber.OPERATION_INVALID, "cannot do managed save for transient domain");
    }
    this.stop("saved");
    this.hasManagedSave = true;
  }

  /** Takes the persistent definition away; what runs goes on running. */
  undefine({ managedSave = false, snapshots = false }: Undefining = {}): void {
    if (this.hasManagedSave && !managedSave) {
      const detail = "Refusing to undefine while domain managed save image exists";
      throw driverError(ErrorNumber.OPERATION_INVALID, detail);
    }
    if (!this.isActive && this.snapshots.size > 0 && !snapshots) {
      const detail = `cannot delete inactive domain with ${this.snapshots.size} snapshots`;
      throw driverError(ErrorNumber.OPERATION_INVALID, detail);
    }
    this.hasManagedSave = false;
    this.tell(DomainEventType.UNDEFINED, DomainEventUndefinedDetailType.REMOVED);
    if (this.isActive) this.isPersistent = false;
    else this.#domains.remove(this);
  }

  rename(name: string): void {
    const refuse = (detail: string, from?: number): never => {
      throw driverError(ErrorNumber.OPERATION_INVALID, detail, from);
    };
    if (this.isActive) refuse("cannot rename active domain");
    if (!this.isPersistent) refuse("cannot rename a transient domain");
    if (name === this.name) refuse("Can't rename domain to itself", ErrorDomain.DOMAIN);
    if (this.#domains.byName(name)) refuse(`domain with name '${name}' already exists`, ErrorDomain.DOMAIN);
    if (name.includes("/")) throw driverError(ErrorNumber.XML_ERROR, `name ${name} cannot contain '/'`);
    const before = this.name;
    this.tell(DomainEventType.UNDEFINED, DomainEventUndefinedDetailType.RENAMED);
    this.#current.name = name;
    this.#domains.renamed(this, before);
    this.tell(DomainEventType.DEFINED, DomainEventDefinedDetailType.RENAMED);
  }

  /** Tells that its title, description or metadata are others now. */
  metadataChanged(type: number, nsuri: string | null): void {
    this.#events.emit("domain.metadataChange", this.ref, { type, nsuri });
  }

  #set(state: DomainState, reason: number): void {
    this.#state = state;
    this.#reason = reason;
  }

  deviceAdded(devAlias: string): void {
    this.#events.emit("domain.deviceAdded", this.ref, { devAlias });
  }

  deviceRemoved(devAlias: string): void {
    this.#events.emit("domain.deviceRemoved", this.ref, { devAlias });
  }

  /** Tells of something in its life. */
  tell(event: number, detail: number): void {
    this.#events.emit("domain.lifecycle", this.ref, { event, detail });
  }
}
