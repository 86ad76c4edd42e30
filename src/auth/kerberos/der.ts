import { ProtocolError } from "../../errors.js";

/** A value of ASN.1's in DER: what its tag says it is, and its contents. */
export interface DerValue {
  readonly tag: number;
  readonly contents: Buffer;
}

/** The tag of a message that Kerberos numbers. */
export const application = (number: number) => 0x60 | number;

/** Reads the value at the beginning of some bytes; returns what is behind it, too. */
export function readDer(bytes: Buffer): DerValue & { readonly rest: Buffer } {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) throw cutShort();
  let start = 2;
  let length = first;
  if (first >= 0x80) {
    const lengthBytes = first & 0x7f;
    if (lengthBytes < 1 || lengthBytes > 4 || bytes.length < start + lengthBytes) throw cutShort();
    length = bytes.readUIntBE(start, lengthBytes);
    start += lengthBytes;
  }
  if (bytes.length - start < length) throw cutShort();
  return { tag, contents: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) };
}

/** The contents of the value at the beginning, which has to have this tag. */
export function expectDer(bytes: Buffer, tag: number): Buffer {
  const value = readDer(bytes);
  if (value.tag !== tag) {
    throw new ProtocolError(`a message of Kerberos has the tag ${value.tag} where ${tag} belongs`);
  }
  return value.contents;
}

/** The fields of a sequence by their numbers. */
export function fieldsOf(sequence: Buffer): ReadonlyMap<number, Buffer> {
  const fields = new Map<number, Buffer>();
  let rest = expectDer(sequence, 0x30);
  while (rest.length > 0) {
    const field = readDer(rest);
    if ((field.tag & 0xe0) !== 0xa0)
      throw new ProtocolError("a message of Kerberos has a field without a number");
    fields.set(field.tag & 0x1f, field.contents);
    rest = field.rest;
  }
  return fields;
}

/** An integer of 32 bits at most; undefined where the field is absent. */
export function integerOf(field: Buffer | undefined): number | undefined {
  if (!field) return undefined;
  const contents = expectDer(field, 0x02);
  if (contents.length < 1 || contents.length > 5) {
    throw new ProtocolError("a message of Kerberos has a number of more than 32 bits");
  }
  return contents.readIntBE(0, contents.length);
}

export function octetsOf(field: Buffer | undefined): Buffer {
  if (!field) throw cutShort();
  return expectDer(field, 0x04);
}

function cutShort(): ProtocolError {
  return new ProtocolError("a message of Kerberos ends too early");
}
