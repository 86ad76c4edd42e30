/**
 * The frame around every message: a length that counts itself, a header of six words, and the payload.
 *
 *   length  uint    whole frame in bytes
 *   prog    uint    which set of procedures: remote, qemu, lxc, admin, keepalive
 *   vers    uint    of the program, always 1
 *   proc    int     procedure number within the program
 *   type    enum    call, reply, event, stream …
 *   serial  uint    pairs a reply, or a stream's packets, with their call
 *   status  enum    ok, error, or continue on streams
 */
import { ProtocolError } from "../errors.js";
import {
  type MessageHeader,
  MessageStatus,
  MessageType,
  VIR_NET_MESSAGE_HEADER_MAX,
  VIR_NET_MESSAGE_LEN_MAX,
  VIR_NET_MESSAGE_MAX,
} from "./generated/net.js";
import type { XdrReader, XdrWriter } from "./xdr.js";

/** Bytes before the payload. */
export const headerLength = VIR_NET_MESSAGE_LEN_MAX + VIR_NET_MESSAGE_HEADER_MAX;

/** Where the serial stands in a frame. */
const serialAt = 20;

/** The largest frame that libvirt sends or takes, its length word included. */
export const maxFrameLength = VIR_NET_MESSAGE_MAX + VIR_NET_MESSAGE_LEN_MAX;

/** Reads a frame's length, which is the peer's to choose, and refuses what no frame can have. */
export function readFrameLength(bytes: Uint8Array, at: number, max: number): number {
  const length = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  if (length < headerLength || length > max) {
    const bounds = `it must be within ${headerLength} and ${max}`;
    throw new ProtocolError(
      `the peer announced a message of ${length} bytes; ${bounds}${textThere(bytes, at)}`,
    );
  }
  return length;
}

/** Where a length is the beginning of a text, another service answers, or a login script says hello by ssh. */
function textThere(bytes: Uint8Array, at: number): string {
  const text = String.fromCharCode(...bytes.subarray(at, at + 4));
  if (!/^[\t\n\r -~]+$/.test(text)) return "";
  return `. It began with the text ${JSON.stringify(text)}, which no libvirt daemon would: something else speaks there`;
}

/** Begins a frame and returns where, for `endFrame`. */
export function beginFrame(to: XdrWriter, header: MessageHeader): number {
  // Room for all at once: with room for each word by itself, the header of a small message takes longer than the rest.
  const start = to.skip(headerLength);
  to.putUint("prog", start + 4, header.prog);
  to.putUint("vers", start + 8, header.vers);
  to.putInt("proc", start + 12, header.proc);
  to.putInt("type", start + 16, header.type);
  to.putUint("serial", start + serialAt, header.serial);
  to.putInt("status", start + 24, header.status);
  return start;
}

/** Completes the frame begun at `start`: its length is known now. */
export function endFrame(to: XdrWriter, start: number): void {
  const length = to.length - start;
  if (length > maxFrameLength) {
    throw new RangeError(`a message of ${length} bytes is too long: libvirt takes ${maxFrameLength} at most`);
  }
  to.putUint("length", start, length);
}

/** Puts the serial into the frame that begins at `start`, where it was not known before. */
export function putSerial(to: XdrWriter, start: number, serial: number): void {
  to.putUint("serial", start + serialAt, serial);
}

/** Reads a frame's header; the reader stands behind the length, and at the payload afterwards. */
export function readHeader(from: XdrReader): MessageHeader {
  return {
    prog: from.uint("prog"),
    vers: from.uint("vers"),
    proc: from.int("proc"),
    type: from.int("type"),
    serial: from.uint("serial"),
    status: from.int("status"),
  };
}

/** Whether the frame at `start` holds bytes of a stream. Its header must be there. */
export function holdsStreamData(bytes: Uint8Array, start: number): boolean {
  // Both are words below 256.
  return bytes[start + 19] === MessageType.STREAM && bytes[start + 27] === MessageStatus.CONTINUE;
}
