/**
 * The libvirt client for Node.
 *
 * @module
 */
export { type ConnectOptions, connect } from "./api/connect.js";
export { Connection, type NodeInfo } from "./api/connection.js";
export { Domain } from "./api/domain.js";
export type { JsonFriendly } from "./api/json.js";
export * from "./errors.js";
export * from "./generated/constants.js";
export type { CallOptions } from "./rpc/deadline.js";
export type { Closed } from "./rpc/session.js";
