/**
 * libvirt's wire protocol by itself: types, codecs and procedure descriptors, for those who build a client, a server
 * or a tracer of their own. Runs in any JavaScript runtime.
 *
 * @module
 */
export * as admin from "./generated/admin.js";
export * as keepalive from "./generated/keepalive.js";
export * as lxc from "./generated/lxc.js";
export * as net from "./generated/net.js";
export * as qemu from "./generated/qemu.js";
export * as remote from "./generated/remote.js";
export * from "./message.js";
export * from "./procedure.js";
export {
  type Codec,
  decode,
  encode,
  type Field,
  type ListCodec,
  nothing,
  XdrReader,
  XdrWriter,
} from "./xdr.js";
