import { MessageError, MessageStatus, MessageType, StreamHole } from "../../../src/protocol/generated/net.js";
import { storageVolDownload, storageVolUpload } from "../../../src/protocol/generated/remote.js";
import { encode } from "../../../src/protocol/xdr.js";
import type { CallOptions } from "../../../src/rpc/deadline.js";
import type { RpcStream, StreamOptions } from "../../../src/rpc/stream.js";
import type { Conversation } from "./conversation.js";
import { type Frame, frame, replyTo } from "./peer.js";

// What a daemon sends on the stream that a call has opened, and how it is opened.

export const bytesOf = (text: string) => new TextEncoder().encode(text);

export function data(call: Frame, bytes: Uint8Array | string): Uint8Array {
  const payload = typeof bytes === "string" ? bytesOf(bytes) : bytes;
  return frame({ ...call.header, type: MessageType.STREAM, status: MessageStatus.CONTINUE }, payload);
}

/** The end of what the daemon has to send. */
export const end = (call: Frame) => data(call, new Uint8Array(0));

/** The daemon's word that the stream is finished, or aborted. */
export const confirmation = (call: Frame) =>
  frame({ ...call.header, type: MessageType.STREAM, status: MessageStatus.OK });

export function hole(call: Frame, length: bigint, flags = 0): Uint8Array {
  const header = { ...call.header, type: MessageType.STREAM_HOLE, status: MessageStatus.CONTINUE };
  return frame(header, encode(StreamHole, { length, flags }));
}

/** An error on an open stream, which libvirt sends as a packet or as a reply. */
export function failure(
  call: Frame,
  message: string,
  type: typeof MessageType.STREAM | typeof MessageType.REPLY = MessageType.STREAM,
): Uint8Array {
  const none = { dom: null, str1: null, str2: null, str3: null, net: null };
  const error = { code: 38, domain: 38, level: 2, int1: 28, int2: 0, ...none, message };
  return frame({ ...call.header, type, status: MessageStatus.ERROR }, encode(MessageError, error));
}

export const sparse = 1;

const vol = { pool: "pool", name: "vol", key: "/pool/vol" };

export const volume = { vol, offset: 0n, length: 0n, flags: 0 };

export interface Opened {
  readonly stream: RpcStream;
  /** The call that has opened it. */
  readonly call: Frame;
}

export async function openDownload(
  { session, peer }: Conversation,
  options: CallOptions & StreamOptions = {},
  flags = 0,
): Promise<Opened> {
  const opening = session.openStream(storageVolDownload, { ...volume, flags }, options);
  const call = await peer.next();
  peer.send(replyTo(call, storageVolDownload, undefined));
  return { stream: (await opening).stream, call };
}

export async function openUpload({ session, peer }: Conversation, flags = 0): Promise<Opened> {
  const opening = session.openStream(storageVolUpload, { ...volume, flags });
  const call = await peer.next();
  peer.send(replyTo(call, storageVolUpload, undefined));
  return { stream: (await opening).stream, call };
}

/** The pieces that are left of a stream, bytes as text. */
export async function rest(stream: {
  next(): Promise<Awaited<ReturnType<RpcStream["next"]>>>;
}): Promise<(string | bigint)[]> {
  const pieces: (string | bigint)[] = [];
  for (;;) {
    const segment = await stream.next();
    if (!segment) return pieces;
    pieces.push("data" in segment ? new TextDecoder().decode(segment.data) : segment.hole);
  }
}
