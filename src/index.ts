/**
 * The libvirt client for Node.
 *
 * @module
 */
export type { AdminClient } from "./api/admin-client.js";
export type { AdminConnection } from "./api/admin-connection.js";
export type { AdminServer } from "./api/admin-server.js";
export { type ConnectOptions, connect } from "./api/connect.js";
export { type ConnectAdminOptions, connectAdmin } from "./api/connect-admin.js";
export type { Connection } from "./api/connection.js";
export type * from "./api/connection-host.js";
export type { Domain } from "./api/domain.js";
export type { DomainCheckpoint } from "./api/domain-checkpoint.js";
export type { DomainIOThreadInfo, VcpuInfo } from "./api/domain-cpus.js";
export type { QemuMonitorReply } from "./api/domain-descriptors.js";
export type * from "./api/domain-reports.js";
export type { DomainSnapshot } from "./api/domain-snapshot.js";
export type * from "./api/events/domain-types.js";
export type { EventClass, NameIn } from "./api/events/names.js";
export type { EventQueueOptions, EventStream, Overflow } from "./api/events/stream.js";
export type * from "./api/events/types.js";
export { receiveFile, sendFile } from "./api/files.js";
export type {
  DomainFilter,
  InterfaceFilter,
  NetworkFilter,
  NodeDeviceFilter,
  SecretFilter,
  StoragePoolFilter,
} from "./api/filters.js";
export type * from "./api/generated/domain.js";
export type { StoragePoolInfo } from "./api/generated/storage-pool.js";
export type { StorageVolInfo } from "./api/generated/storage-vol.js";
export type { Interface } from "./api/interface.js";
export type { Json, JsonFriendly } from "./api/json.js";
export type { Network, NetworkDHCPLease } from "./api/network.js";
export type { NetworkPort } from "./api/network-port.js";
export type { NodeDevice } from "./api/node-device.js";
export type { LibvirtDuplex, LibvirtReadable, LibvirtWritable } from "./api/node-streams.js";
export type { NWFilter } from "./api/nwfilter.js";
export type { NWFilterBinding } from "./api/nwfilter-binding.js";
export type { Secret } from "./api/secret.js";
export type { StoragePool } from "./api/storage-pool.js";
export type { StorageVol } from "./api/storage-vol.js";
export type { Stream, StreamUseOptions } from "./api/stream.js";
export {
  type ParameterType,
  type ParameterValue,
  type TypedParameters,
  type TypedParametersInput,
  typed,
  type WrappedParameter,
} from "./api/typed-params.js";
export type { AuthOption, Credential, CredentialsCallback, PasswordCredentials } from "./auth/credentials.js";
export { type Enum, flagNames, nameOf } from "./enums.js";
export * from "./errors.js";
export * from "./generated/constants.js";
export type { ReconnectOptions } from "./rpc/back-off.js";
export type { Segment } from "./rpc/backlog.js";
export type { CallOptions } from "./rpc/deadline.js";
export type { KeepAliveOptions } from "./rpc/keepalive.js";
export type { Closed, SessionOptions } from "./rpc/session.js";
export type { StreamClosed } from "./rpc/stream.js";
export type {
  CallTrace,
  ConnectTrace,
  EventTrace,
  StreamTrace,
  TracedConnection,
  TracedProcedure,
  TraceEnd,
} from "./rpc/tracing.js";
export type { SshOptions } from "./transport/ssh/options.js";
export type { TlsOptions } from "./transport/tls/credentials.js";
