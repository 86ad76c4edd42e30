/** Bytes as hexadecimal text, in which a test can show what stands on the wire. */
import { XdrReader, XdrWriter } from "../../../src/protocol/xdr.js";

export const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Spaces are for people. */
export const bytes = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

export const reader = (text: string) => new XdrReader(bytes(text));

export function written(write: (to: XdrWriter) => void): string {
  const to = new XdrWriter();
  write(to);
  return hex(to.take());
}
