import type {
  ConnectDomainQemuMonitorEventRegisterFlags,
  DomainEventID,
  NetworkEventID,
  NodeDeviceEventID,
  SecretEventID,
  StoragePoolEventID,
} from "../generated/constants.js";
import { type CallOptions, checkCallOptions, onAbort, within } from "../rpc/deadline.js";
import { SessionEvents } from "../rpc/events.js";
import { ConnectionLists } from "./connection-lists.js";
import type { Domain } from "./domain.js";
import type { DomainLifecycleEvent } from "./events/domain-types.js";
import { openFeed } from "./events/feed.js";
import { type Listener, Listeners } from "./events/listeners.js";
import { checkSubscription, type EventClass, eventByID } from "./events/names.js";
import { type EventQueueOptions, EventStream } from "./events/stream.js";
import { type Sink, Subscription } from "./events/subscription.js";
import type {
  ConnectionCloseEvent,
  EventByID,
  EventFilter,
  EventMap,
  EventName,
  QemuMonitorEvent,
} from "./events/types.js";
import type { Network } from "./network.js";
import type { NodeDevice } from "./node-device.js";
import type { Secret } from "./secret.js";
import type { StoragePool } from "./storage-pool.js";

/**
 * A connection's events. A subscription keeps the process running, except to events of the connection itself. Those who
 * subscribe to the same events share one registration with the daemon: the first one registers, the last one
 * deregisters.
 *
 * Handlers are called as events arrive, in order. What a handler throws is an uncaught exception, as it is with an
 * `EventEmitter`, and keeps nobody else from the event.
 */
export abstract class ConnectionEvents extends ConnectionLists {
  readonly #listeners = new Listeners();
  #events: SessionEvents | undefined;

  /**
   * Calls a handler with every event of one name: `conn.on("domain.lifecycle", ({ domain, eventName }) => …)`.
   *
   * @param name - One of {@link EventMap}.
   * @param handler - Is called until `off`, or until the connection is over. Given twice it is called twice.
   * @param options - The object whose events alone are wanted (`domain`, `network`, `pool`, `device` or `secret`; for
   * `qemu.monitor` also `event` and `flags`); a `signal` that ends the subscription when it aborts; `timeoutMs`, the
   * milliseconds within which the daemon must have agreed.
   * @returns When the daemon has agreed: no event that happens from then on is missed. Also when this program ends the
   * subscription or the connection before that.
   * @throws LibvirtError or UnsupportedError: the daemon does not send these events.
   * @throws ConnectionError: The connection was lost.
   * @throws TimeoutError: The daemon has not agreed in time. The handler is not called then.
   */
  async on<Name extends EventName>(
    name: Name,
    handler: (event: EventMap[Name]) => void,
    options?: EventFilter<Name> & CallOptions,
  ): Promise<void> {
    const given: CallOptions = options === undefined ? {} : options;
    checkCallOptions(given);
    const { signal, timeoutMs, ...filter } = given;
    if (signal?.aborted) return;
    const listener = this.#listen(name, name, filter, handler);
    const off = () => this.#forget(listener);
    if (signal) listener.release = onAbort(signal, off);
    try {
      await within({ timeoutMs }, `registering for ${name}`, listener.subscription.ready);
    } catch (error) {
      off();
      throw error;
    }
  }

  /**
   * Calls a handler no more with events of this name, whatever the object that it was registered for.
   *
   * @param name - The event's name.
   * @param handler - The function that `on` was given. One that it was not given does not matter.
   */
  off<Name extends EventName>(name: Name, handler: (event: EventMap[Name]) => void): void {
    for (const listener of this.#listeners.find(name, handler)) this.#forget(listener);
  }

  /**
   * The events of one name, one after the other: `for await (const event of conn.events("domain.lifecycle"))`.
   *
   * @param name - One of {@link EventMap}.
   * @param options - The object whose events alone are wanted, as with `on`; `limit` and `overflow` for the queue; a
   * `signal` to end it.
   * @returns The stream. It collects events from now on, and {@link EventStream.ready} says when the daemon has agreed.
   */
  events<Name extends EventName>(
    name: Name,
    options?: EventFilter<Name> & EventQueueOptions,
  ): EventStream<EventMap[Name]> {
    const given: EventQueueOptions = options === undefined ? {} : options;
    checkCallOptions(given);
    const { signal, limit, overflow, ...filter } = given;
    return new EventStream({ signal, limit, overflow }, (sink) => this.#subscribe(name, filter, sink));
  }

  /**
   * Calls a function with every event of one kind that happens to a domain, or to any.
   *
   * @param dom - The domain whose events alone are wanted; `null` for all.
   * @param eventID - One of `DomainEventID`.
   * @param callback - Is called with the event, until it is deregistered or the connection is over.
   * @returns A number to deregister the function with.
   * @throws LibvirtError or UnsupportedError: the daemon does not send these events.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectDomainEventRegisterAny | virConnectDomainEventRegisterAny},
   * `REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY` (316), since libvirt 0.8.0.
   */
  domainEventRegisterAny<ID extends DomainEventID>(
    dom: Domain | null,
    eventID: ID,
    callback: (event: EventByID<"domain", ID>) => void,
    options?: CallOptions,
  ): Promise<number> {
    return this.#registerAny("domain", eventID, { domain: dom }, callback, options);
  }

  /**
   * Ends what {@link domainEventRegisterAny} began.
   *
   * @param callbackID - The number that it returned.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectDomainEventDeregisterAny | virConnectDomainEventDeregisterAny},
   * `REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY` (317), since libvirt 0.8.0.
   */
  domainEventDeregisterAny(callbackID: number, options?: CallOptions): Promise<void> {
    return this.#deregister("domain", callbackID, options);
  }

  /**
   * Calls a function with every event of one kind that happens to a network, or to any.
   *
   * @param net - The network whose events alone are wanted; `null` for all.
   * @param eventID - One of `NetworkEventID`.
   * @param callback - Is called with the event, until it is deregistered or the connection is over.
   * @returns A number to deregister the function with.
   * @throws LibvirtError or UnsupportedError: the daemon does not send these events.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-network.html#virConnectNetworkEventRegisterAny | virConnectNetworkEventRegisterAny},
   * `REMOTE_PROC_CONNECT_NETWORK_EVENT_REGISTER_ANY` (313), since libvirt 1.2.1.
   */
  networkEventRegisterAny<ID extends NetworkEventID>(
    net: Network | null,
    eventID: ID,
    callback: (event: EventByID<"network", ID>) => void,
    options?: CallOptions,
  ): Promise<number> {
    return this.#registerAny("network", eventID, { network: net }, callback, options);
  }

  /**
   * Ends what {@link networkEventRegisterAny} began.
   *
   * @param callbackID - The number that it returned.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-network.html#virConnectNetworkEventDeregisterAny | virConnectNetworkEventDeregisterAny},
   * `REMOTE_PROC_CONNECT_NETWORK_EVENT_DEREGISTER_ANY` (314), since libvirt 1.2.1.
   */
  networkEventDeregisterAny(callbackID: number, options?: CallOptions): Promise<void> {
    return this.#deregister("network", callbackID, options);
  }

  /**
   * Calls a function with every event of one kind that happens to a storage pool, or to any.
   *
   * @param pool - The storage pool whose events alone are wanted; `null` for all.
   * @param eventID - One of `StoragePoolEventID`.
   * @param callback - Is called with the event, until it is deregistered or the connection is over.
   * @returns A number to deregister the function with.
   * @throws LibvirtError or UnsupportedError: the daemon does not send these events.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-storage.html#virConnectStoragePoolEventRegisterAny | virConnectStoragePoolEventRegisterAny},
   * `REMOTE_PROC_CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY` (368), since libvirt 2.0.0.
   */
  storagePoolEventRegisterAny<ID extends StoragePoolEventID>(
    pool: StoragePool | null,
    eventID: ID,
    callback: (event: EventByID<"storagePool", ID>) => void,
    options?: CallOptions,
  ): Promise<number> {
    return this.#registerAny("storagePool", eventID, { pool: pool }, callback, options);
  }

  /**
   * Ends what {@link storagePoolEventRegisterAny} began.
   *
   * @param callbackID - The number that it returned.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-storage.html#virConnectStoragePoolEventDeregisterAny | virConnectStoragePoolEventDeregisterAny},
   * `REMOTE_PROC_CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY` (369), since libvirt 2.0.0.
   */
  storagePoolEventDeregisterAny(callbackID: number, options?: CallOptions): Promise<void> {
    return this.#deregister("storagePool", callbackID, options);
  }

  /**
   * Calls a function with every event of one kind that happens to a device, or to any.
   *
   * @param dev - The device whose events alone are wanted; `null` for all.
   * @param eventID - One of `NodeDeviceEventID`.
   * @param callback - Is called with the event, until it is deregistered or the connection is over.
   * @returns A number to deregister the function with.
   * @throws LibvirtError or UnsupportedError: the daemon does not send these events.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-nodedev.html#virConnectNodeDeviceEventRegisterAny | virConnectNodeDeviceEventRegisterAny},
   * `REMOTE_PROC_CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY` (374), since libvirt 2.2.0.
   */
  nodeDeviceEventRegisterAny<ID extends NodeDeviceEventID>(
    dev: NodeDevice | null,
    eventID: ID,
    callback: (event: EventByID<"nodeDevice", ID>) => void,
    options?: CallOptions,
  ): Promise<number> {
    return this.#registerAny("nodeDevice", eventID, { device: dev }, callback, options);
  }

  /**
   * Ends what {@link nodeDeviceEventRegisterAny} began.
   *
   * @param callbackID - The number that it returned.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-nodedev.html#virConnectNodeDeviceEventDeregisterAny | virConnectNodeDeviceEventDeregisterAny},
   * `REMOTE_PROC_CONNECT_NODE_DEVICE_EVENT_DEREGISTER_ANY` (375), since libvirt 2.2.0.
   */
  nodeDeviceEventDeregisterAny(callbackID: number, options?: CallOptions): Promise<void> {
    return this.#deregister("nodeDevice", callbackID, options);
  }

  /**
   * Calls a function with every event of one kind that happens to a secret, or to any.
   *
   * @param secret - The secret whose events alone are wanted; `null` for all.
   * @param eventID - One of `SecretEventID`.
   * @param callback - Is called with the event, until it is deregistered or the connection is over.
   * @returns A number to deregister the function with.
   * @throws LibvirtError or UnsupportedError: the daemon does not send these events.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-secret.html#virConnectSecretEventRegisterAny | virConnectSecretEventRegisterAny},
   * `REMOTE_PROC_CONNECT_SECRET_EVENT_REGISTER_ANY` (380), since libvirt 3.0.0.
   */
  secretEventRegisterAny<ID extends SecretEventID>(
    secret: Secret | null,
    eventID: ID,
    callback: (event: EventByID<"secret", ID>) => void,
    options?: CallOptions,
  ): Promise<number> {
    return this.#registerAny("secret", eventID, { secret: secret }, callback, options);
  }

  /**
   * Ends what {@link secretEventRegisterAny} began.
   *
   * @param callbackID - The number that it returned.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-secret.html#virConnectSecretEventDeregisterAny | virConnectSecretEventDeregisterAny},
   * `REMOTE_PROC_CONNECT_SECRET_EVENT_DEREGISTER_ANY` (381), since libvirt 3.0.0.
   */
  secretEventDeregisterAny(callbackID: number, options?: CallOptions): Promise<void> {
    return this.#deregister("secret", callbackID, options);
  }

  /**
   * Calls a function with every event in the life of any domain.
   *
   * @param callback - Is called with the event, until it is deregistered or the connection is over.
   * @throws RangeError: The function is registered already.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectDomainEventRegister |
   * virConnectDomainEventRegister}, `REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY` (316), since libvirt
   * 0.5.0.
   */
  domainEventRegister(callback: (event: DomainLifecycleEvent) => void, options?: CallOptions): Promise<void> {
    return this.#registerFunction("domainEventRegister", "domain.lifecycle", callback, options);
  }

  /**
   * Ends what {@link domainEventRegister} began.
   *
   * @param callback - The function that it was given.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectDomainEventDeregister |
   * virConnectDomainEventDeregister}, `REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY` (317), since libvirt
   * 0.5.0.
   */
  domainEventDeregister(
    callback: (event: DomainLifecycleEvent) => void,
    options?: CallOptions,
  ): Promise<void> {
    return this.#deregister("domainEventRegister", callback, options);
  }

  /**
   * Calls a function with QEMU's own events, as they come over its monitor. They are not part of libvirt's interface,
   * and change with QEMU's version.
   *
   * @param dom - The domain whose events alone are wanted; `null` for all.
   * @param event - The name of the event that alone is wanted, such as `SHUTDOWN`; `null` for all.
   * @param callback - Is called with the event, until it is deregistered or the connection is over.
   * @param flags - {@link ConnectDomainQemuMonitorEventRegisterFlags}: what to make of `event`.
   * @returns A number to deregister the function with.
   * @throws LibvirtError or UnsupportedError: the daemon does not send these events.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-qemu.html#virConnectDomainQemuMonitorEventRegister |
   * virConnectDomainQemuMonitorEventRegister}, `QEMU_PROC_CONNECT_DOMAIN_MONITOR_EVENT_REGISTER` (4), since libvirt
   * 1.2.3.
   */
  domainQemuMonitorEventRegister(
    dom: Domain | null,
    event: string | null,
    callback: (event: QemuMonitorEvent) => void,
    flags: ConnectDomainQemuMonitorEventRegisterFlags = 0,
    options?: CallOptions,
  ): Promise<number> {
    return this.#register("qemu", "qemu.monitor", { domain: dom, event, flags }, callback, options);
  }

  /**
   * Ends what {@link domainQemuMonitorEventRegister} began.
   *
   * @param callbackID - The number that it returned.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-qemu.html#virConnectDomainQemuMonitorEventDeregister |
   * virConnectDomainQemuMonitorEventDeregister}, `QEMU_PROC_CONNECT_DOMAIN_MONITOR_EVENT_DEREGISTER` (5), since libvirt
   * 1.2.3.
   */
  domainQemuMonitorEventDeregister(callbackID: number, options?: CallOptions): Promise<void> {
    return this.#deregister("qemu", callbackID, options);
  }

  /**
   * Calls a function when the connection is lost, or when the daemon has lost the hypervisor; not when this program
   * closes it. It does not keep the process running.
   *
   * @param callback - Is called with the event, until it is unregistered.
   * @throws RangeError: The function is registered already.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virConnectRegisterCloseCallback |
   * virConnectRegisterCloseCallback}, `REMOTE_PROC_CONNECT_REGISTER_CLOSE_CALLBACK` (360), since libvirt 0.10.0.
   */
  registerCloseCallback(
    callback: (event: ConnectionCloseEvent) => void,
    options?: CallOptions,
  ): Promise<void> {
    return this.#registerFunction("registerCloseCallback", "connection.close", callback, options);
  }

  /**
   * Ends what {@link registerCloseCallback} began.
   *
   * @param callback - The function that it was given.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virConnectUnregisterCloseCallback |
   * virConnectUnregisterCloseCallback}, `REMOTE_PROC_CONNECT_UNREGISTER_CLOSE_CALLBACK` (361), since libvirt 0.10.0.
   */
  unregisterCloseCallback(
    callback: (event: ConnectionCloseEvent) => void,
    options?: CallOptions,
  ): Promise<void> {
    return this.#deregister("registerCloseCallback", callback, options);
  }

  async #registerAny(
    of: EventClass,
    eventID: number,
    filter: object,
    callback: unknown,
    options: CallOptions | undefined,
  ): Promise<number> {
    return this.#register(of, eventByID(of, eventID), filter, callback, options);
  }

  async #registerFunction(
    via: string,
    name: EventName,
    callback: unknown,
    options: CallOptions | undefined,
  ): Promise<void> {
    if (this.#listeners.find(via, callback).length > 0) {
      throw new RangeError("callback: this function is registered already");
    }
    await this.#register(via, name, {}, callback, options);
  }

  async #register(
    via: string,
    name: EventName,
    filter: object,
    callback: unknown,
    options: CallOptions = {},
  ): Promise<number> {
    // In an argument of its own, what is undefined is a mistake, and must not be taken for null: all objects.
    if (Object.values(filter).includes(undefined)) {
      throw new TypeError(`${Object.keys(filter)[0]}: an object or null is wanted, not undefined`);
    }
    checkCallOptions(options);
    options.signal?.throwIfAborted();
    const listener = this.#listen(via, name, filter, callback);
    try {
      await within(options, `registering for ${name}`, listener.subscription.ready);
      if (!this.link.isOpen) throw (await this.closed).error;
    } catch (error) {
      this.#forget(listener);
      throw error;
    }
    return listener.id;
  }

  async #deregister(via: string, which: unknown, options: CallOptions = {}): Promise<void> {
    checkCallOptions(options);
    const [listener] = this.#listeners.find(via, which);
    if (listener) return within(options, "deregistering", this.#listeners.remove(listener));
    if (!this.link.isOpen) throw (await this.closed).error;
    const what = typeof which === "number" ? `callback ${which}` : "this function";
    throw new RangeError(`${what} is not registered`);
  }

  #listen(via: string, name: EventName, filter: object, callback: unknown): Listener {
    return this.#listeners.add(via, callback, (sink) => this.#subscribe(name, filter, sink));
  }

  /** A daemon that cannot be told to send no more is one that is gone, or that sends it for nobody. */
  #forget(listener: Listener): void {
    this.#listeners.remove(listener).catch(() => {});
  }

  #subscribe<Name extends EventName>(
    name: Name,
    filter: object,
    sink: Sink<EventMap[Name]>,
  ): Subscription<EventMap[Name]> {
    checkSubscription(name, filter);
    this.#events ??= new SessionEvents(this.link);
    const feed = openFeed(this.connection, this.#events, name, filter as EventFilter<Name>);
    return new Subscription(this.link, this.#events, feed, sink);
  }
}
