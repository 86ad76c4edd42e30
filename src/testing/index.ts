/**
 * A hypervisor for the tests of programs that use virtwire, and the server that it stands on.
 *
 * @module
 */
export type { Transport, TransportHandler } from "../transport/transport.js";
export type { EventName } from "./driver/events.js";
export type { CallFilter, TestCall, WaitOptions } from "./hypervisor/call-log.js";
export type { CallName, MethodName, ProcedureName } from "./hypervisor/call-names.js";
export type { EmittedEvent, EventSubject, SecretSubject } from "./hypervisor/emitted.js";
export type { TestGuest } from "./hypervisor/guest.js";
export type { InterfaceDescription, NodeDeviceDescription } from "./hypervisor/host-description.js";
export {
  createTestHypervisor,
  type HeldAnswers,
  type TestHypervisor,
  type TestHypervisorOptions,
} from "./hypervisor/hypervisor.js";
export type { Rule, RuleOptions } from "./hypervisor/rules.js";
export type { DropTime } from "./hypervisor/script.js";
export type { StoragePoolDescription, StorageVolDescription } from "./hypervisor/storage-description.js";
export type {
  DomainDescription,
  NetworkDescription,
  WorldDescription,
} from "./hypervisor/world-description.js";
export type { WorldSource } from "./hypervisor/world-source.js";
export { type Served, type ServeOptions, serve } from "./serve.js";
export type { SaslMechanismName, SaslOptions } from "./server/auth/login.js";
export type { FindPassword } from "./server/auth/mechanism.js";
export type { Client, ClientIdentity, OpenClient } from "./server/client.js";
export type { Origin } from "./server/connection.js";
export { DriverError, type DriverErrorFields } from "./server/driver-error.js";
export {
  type Handler,
  Handlers,
  type OpenedStream,
  type OpenHandler,
  type ServerStream,
  type StreamHandler,
} from "./server/handlers.js";
export type { ServerTlsOptions } from "./server/listen.js";
export { Server, type ServerLimits, type ServerOptions } from "./server/server.js";
