/**
 * Structs as tables of their fields: for what travels once a message, of which there are several hundred. A table is
 * much smaller than the code that does the same, and costs a program that starts next to nothing until it is used. What
 * comes by the thousand in lists has code of its own.
 */
import type { Codec, Field, XdrReader, XdrWriter } from "./xdr.js";

/** How a field of one kind becomes bytes. What has a length or a bound is told the field's own. */
export interface FieldCodec<T> {
  encode(to: XdrWriter, field: Field, value: T, bound: number): void;
  decode(from: XdrReader, field: Field, bound: number): T;
}

/** A kind of field; then its bound; then its C name, where that is not the property's. */
type Entry<T> =
  | FieldCodec<T>
  | readonly [FieldCodec<T>, bound: number]
  | readonly [FieldCodec<T>, bound: number, name: string];

/** The fields of a struct in the order of the wire. */
type Fields<T> = { readonly [Key in keyof T]: Entry<T[Key]> };

/** The codec of a struct with these fields. */
export function struct<T extends object>(name: string, fields: Fields<T>): Codec<T> {
  return new Struct(name, fields);
}

interface Step {
  readonly key: string;
  readonly codec: FieldCodec<unknown>;
  readonly bound: number;
  readonly name: string;
}

class Struct<T extends object> implements Codec<T> {
  readonly name: string;
  readonly #fields: Fields<T>;
  #made: readonly Step[] | undefined;

  constructor(name: string, fields: Fields<T>) {
    this.name = name;
    this.#fields = fields;
  }

  encode(to: XdrWriter, field: Field, value: T): void {
    to.enter(field, value);
    const steps = this.#steps;
    for (let i = 0; i < steps.length; i++) {
      const { key, codec, bound, name } = steps[i]!;
      codec.encode(to, name, (value as Record<string, unknown>)[key], bound);
    }
    to.leave();
  }

  decode(from: XdrReader, field: Field): T {
    from.enter(field);
    const value: Record<string, unknown> = {};
    const steps = this.#steps;
    for (let i = 0; i < steps.length; i++) {
      const { key, codec, bound, name } = steps[i]!;
      value[key] = codec.decode(from, name, bound);
    }
    from.leave();
    return value as T;
  }

  get #steps(): readonly Step[] {
    this.#made ??= Object.entries<Entry<unknown>>(this.#fields).map(([key, entry]) => {
      const [codec, bound = 0, name = key] = isCodec(entry) ? [entry] : entry;
      return { key, codec, bound, name };
    });
    return this.#made;
  }
}

const isCodec = (entry: Entry<unknown>): entry is FieldCodec<unknown> => !Array.isArray(entry);

/** A field that may be null. */
export function optional<T>(of: FieldCodec<T>): FieldCodec<T | null> {
  return {
    encode(to, field, value, bound) {
      if (to.present(field, value)) of.encode(to, field, value, bound);
    },
    decode(from, field, bound) {
      return from.present(field) ? of.decode(from, field, bound) : null;
    },
  };
}

export const int: FieldCodec<number> = {
  encode: (to, field, value) => to.int(field, value),
  decode: (from, field) => from.int(field),
};

export const uint: FieldCodec<number> = {
  encode: (to, field, value) => to.uint(field, value),
  decode: (from, field) => from.uint(field),
};

export const flags: FieldCodec<number> = {
  encode: (to, field, value) => to.flags(field, value),
  decode: (from, field) => from.flags(field),
};

export const hyper: FieldCodec<bigint> = {
  encode: (to, field, value) => to.hyper(field, value),
  decode: (from, field) => from.hyper(field),
};

export const uhyper: FieldCodec<bigint> = {
  encode: (to, field, value) => to.uhyper(field, value),
  decode: (from, field) => from.uhyper(field),
};

export const short: FieldCodec<number> = {
  encode: (to, field, value) => to.short(field, value),
  decode: (from, field) => from.short(field),
};

export const ushort: FieldCodec<number> = {
  encode: (to, field, value) => to.ushort(field, value),
  decode: (from, field) => from.ushort(field),
};

export const char: FieldCodec<number> = {
  encode: (to, field, value) => to.char(field, value),
  decode: (from, field) => from.char(field),
};

export const uchar: FieldCodec<number> = {
  encode: (to, field, value) => to.uchar(field, value),
  decode: (from, field) => from.uchar(field),
};

export const float: FieldCodec<number> = {
  encode: (to, field, value) => to.float(field, value),
  decode: (from, field) => from.float(field),
};

export const double: FieldCodec<number> = {
  encode: (to, field, value) => to.double(field, value),
  decode: (from, field) => from.double(field),
};

export const bool: FieldCodec<boolean> = {
  encode: (to, field, value) => to.bool(field, value),
  decode: (from, field) => from.bool(field),
};

export const string: FieldCodec<string> = {
  encode: (to, field, value, max) => to.string(field, value, max),
  decode: (from, field, max) => from.string(field, max),
};

export const optionalString: FieldCodec<string | null> = /* @__PURE__ */ optional(string);

export const opaque: FieldCodec<Uint8Array> = {
  encode: (to, field, value, max) => to.opaque(field, value, max),
  decode: (from, field, max) => from.opaque(field, max),
};

export const fixedOpaque: FieldCodec<Uint8Array> = {
  encode: (to, field, value, length) => to.fixedOpaque(field, value, length),
  decode: (from, field, length) => from.fixedOpaque(field, length),
};

export const chars: FieldCodec<Uint8Array> = {
  encode: (to, field, value, max) => to.chars(field, value, max),
  decode: (from, field, max) => from.chars(field, max),
};

export const fixedChars: FieldCodec<Uint8Array> = {
  encode: (to, field, value, length) => to.fixedChars(field, value, length),
  decode: (from, field, length) => from.fixedChars(field, length),
};
