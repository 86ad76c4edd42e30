import type { Codec, Field, XdrReader, XdrWriter } from "./xdr.js";

/** The codec of a struct, by what writes its fields and what reads them. */
export function struct<T extends object>(
  name: string,
  write: (to: XdrWriter, value: T) => void,
  read: (from: XdrReader) => T,
): Codec<T> {
  return {
    name,
    encode(to: XdrWriter, field: Field, value: T) {
      to.enter(field, value);
      write(to, value);
      to.leave();
    },
    decode(from: XdrReader, field: Field) {
      from.enter(field);
      const value = read(from);
      from.leave();
      return value;
    },
  };
}

/** The codec of a struct with the same fields as another. */
export function alike<T>(name: string, { encode, decode }: Codec<T>): Codec<T> {
  return { name, encode, decode };
}
