import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../../src/errors.js";
import { type Codec, decode, type Field, XdrReader, XdrWriter } from "../../../src/protocol/xdr.js";
import { codecs, moduleNames } from "./programs.js";
import { randomValue, recordCalls } from "./random-reader.js";

/** Notes what decoding costs: elements and bytes that memory was allocated for, and values read. */
class AuditedReader extends XdrReader {
  cost = 0;

  override int(field: Field): number {
    this.cost++;
    return super.int(field);
  }

  override uint(field: Field): number {
    this.cost++;
    return super.uint(field);
  }

  override flags(field: Field): number {
    this.cost++;
    return super.flags(field);
  }

  override hyper(field: Field): bigint {
    this.cost++;
    return super.hyper(field);
  }

  override uhyper(field: Field): bigint {
    this.cost++;
    return super.uhyper(field);
  }

  override count(field: Field, max: number, elementSize: number): number {
    const count = super.count(field, max, elementSize);
    this.cost += count;
    return count;
  }

  override fixedOpaque(field: Field, length: number): Uint8Array {
    const value = super.fixedOpaque(field, length);
    this.cost += length;
    return value;
  }
}

const reader = new AuditedReader(new Uint8Array());

/** Decodes what may be malformed: anything but a value or a ProtocolError is thrown, and so is what costs too much. */
function outcome(codec: Codec<unknown>, bytes: Uint8Array, length = bytes.length): "value" | "error" {
  reader.reset(bytes, 0, length);
  reader.cost = 0;
  let result: "value" | "error" = "value";
  try {
    codec.decode(reader, codec.name);
    reader.finish(codec.name);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    result = "error";
  }
  if (reader.cost > 2 * length + 1)
    throw new Error(`${length} bytes made the reader work for ${reader.cost}`);
  return result;
}

/** What the value is encoded to, having made sure that encoding mirrors decoding call by call. */
function mirrored(codec: Codec<unknown>, value: unknown, reads: readonly string[]): Uint8Array {
  const writer = new XdrWriter();
  const writes: string[] = [];
  recordCalls(writer, 2, writes);
  codec.encode(writer, codec.name, value);
  expect(writes).toEqual(reads);
  return writer.take();
}

function withWord(bytes: Uint8Array, at: number, word: number): Uint8Array {
  const changed = bytes.slice();
  new DataView(changed.buffer).setUint32(at, word);
  return changed;
}

const withInserted = (bytes: Uint8Array, at: number, more: Uint8Array) =>
  Uint8Array.from([...bytes.subarray(0, at), ...more, ...bytes.subarray(at)]);

const extremes = [0xffffffff, 0x7fffffff, 0x80000000, 0x10000, 1, 0];

function corrupted(bytes: Uint8Array, draw: fc.GeneratorValue): Uint8Array {
  const at = draw(fc.nat, { max: bytes.length });
  switch (draw(fc.nat, { max: 3 })) {
    case 0:
      return bytes.map((byte, i) => (i === at ? byte ^ draw(fc.integer, { min: 1, max: 255 }) : byte));
    case 1:
      return withInserted(bytes, at, draw(fc.uint8Array, { minLength: 1, maxLength: 8 }));
    case 2:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 4)]);
    default:
      return draw(fc.uint8Array, { maxLength: 200 });
  }
}

/** Every copy of the value in which one property or element, at any depth, is undefined. */
function* withHoles(value: unknown): Generator<unknown> {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  for (const [key, inner] of Object.entries(value)) {
    for (const hole of [undefined, ...withHoles(inner)]) {
      yield Array.isArray(value)
        ? value.map((element, i) => (String(i) === key ? hole : element))
        : { ...value, [key]: hole };
    }
  }
}

describe.each(moduleNames.filter((name) => codecs(name).length > 0))("%s", (program) => {
  test.each(codecs(program))("$name", (codec) => {
    const decodesWhatItEncodes = fc.property(fc.gen(), (draw) => {
      const reads: string[] = [];
      const value = randomValue(codec, draw, reads);
      const bytes = mirrored(codec, value, reads);
      expect(decode(codec, bytes)).toStrictEqual(value);
      expect(outcome(codec, bytes)).toBe("value");
      expect(outcome(codec, withInserted(bytes, bytes.length, new Uint8Array(4)))).toBe("error");
    });

    const survivesHostileBytes = fc.property(fc.gen(), (draw) => {
      const calls: string[] = [];
      const bytes = mirrored(codec, randomValue(codec, draw, calls), calls);
      for (let length = 0; length < bytes.length; length++) {
        if (outcome(codec, bytes, length) === "value") throw new Error(`decoded from ${length} bytes`);
      }
      for (let at = 0; at < bytes.length; at += 4) {
        for (const word of extremes) outcome(codec, withWord(bytes, at, word));
      }
      for (let i = 0; i < 5; i++) outcome(codec, corrupted(bytes, draw));
    });

    const wantsEveryField = fc.property(fc.gen(), (draw) => {
      for (const incomplete of withHoles(randomValue(codec, draw, []))) {
        expect(() => codec.encode(new XdrWriter(0), codec.name, incomplete)).toThrow(TypeError);
      }
    });

    fc.assert(decodesWhatItEncodes, { numRuns: 20 });
    fc.assert(survivesHostileBytes, { numRuns: 6 });
    fc.assert(wantsEveryField, { numRuns: 3 });
  });
});
