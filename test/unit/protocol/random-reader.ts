import fc from "fast-check";
import { type Codec, type Field, XdrReader } from "../../../src/protocol/xdr.js";

/** A union's tag, more often than not. */
const likelyTag = () =>
  fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 7 }) }, { weight: 1, arbitrary: fc.integer() });

/**
 * Makes values up instead of reading them, so that any codec's `decode` returns a random value of its type: no
 * second description of the types is needed.
 */
class RandomReader extends XdrReader {
  /** A union was given a tag that it has no arm for. */
  guessedWrong = false;
  readonly #draw: fc.GeneratorValue;
  #atStart = false;

  constructor(draw: fc.GeneratorValue) {
    super(new Uint8Array());
    this.#draw = draw;
  }

  override enter(field: Field): void {
    super.enter(field);
    this.#atStart = true;
  }

  override unknownCase(field: Field, value: number) {
    this.guessedWrong = true;
    return super.unknownCase(field, value);
  }

  override int(): number {
    // A tag is the first thing in its union.
    const couldBeTag = this.#atStart;
    this.#atStart = false;
    return couldBeTag ? this.#draw(likelyTag) : this.#draw(fc.integer);
  }

  override uint(): number {
    return this.#draw(fc.integer, { min: 0, max: 0xffffffff });
  }

  override flags(): number {
    return this.#draw(fc.integer, { min: 0, max: 0xffffffff });
  }

  override hyper(): bigint {
    return this.#draw(fc.bigInt, { min: -(2n ** 63n), max: 2n ** 63n - 1n });
  }

  override uhyper(): bigint {
    return this.#draw(fc.bigInt, { min: 0n, max: 2n ** 64n - 1n });
  }

  override float(): number {
    return this.#draw(fc.float);
  }

  override double(): number {
    return this.#draw(fc.double);
  }

  override bool(): boolean {
    return this.#draw(fc.boolean);
  }

  override char(): number {
    return this.#draw(fc.integer, { min: -0x80, max: 0x7f });
  }

  override uchar(): number {
    return this.#draw(fc.integer, { min: 0, max: 0xff });
  }

  override short(): number {
    return this.#draw(fc.integer, { min: -0x8000, max: 0x7fff });
  }

  override ushort(): number {
    return this.#draw(fc.integer, { min: 0, max: 0xffff });
  }

  override count(_field: Field, max: number): number {
    this.#atStart = false;
    return this.#draw(fc.integer, { min: 0, max: Math.min(max, 3) });
  }

  override string(): string {
    this.#atStart = false;
    return this.#draw(fc.string, { unit: "grapheme", maxLength: 8 });
  }

  override fixedOpaque(_field: Field, length: number): Uint8Array {
    return this.#bytes(length, length);
  }

  override opaque(_field: Field, max: number): Uint8Array {
    return this.#bytes(0, max);
  }

  override fixedChars(_field: Field, length: number): Uint8Array {
    return this.#bytes(length, length);
  }

  override chars(_field: Field, max: number): Uint8Array {
    return this.#bytes(0, max);
  }

  #bytes(min: number, max: number): Uint8Array {
    return this.#draw(fc.uint8Array, { minLength: min, maxLength: Math.min(max, min + 9) });
  }
}

/** A value of the codec's type; `calls` gets what the codec asked the reader for. */
export function randomValue(codec: Codec<unknown>, draw: fc.GeneratorValue, calls: string[]): unknown {
  for (;;) {
    const from = new RandomReader(draw);
    calls.length = 0;
    recordCalls(from, 1, calls);
    try {
      return codec.decode(from, codec.name);
    } catch (error) {
      if (!from.guessedWrong) throw error;
    }
  }
}

const codecCalls = [
  ...["enter", "leave", "present", "count", "string", "opaque", "fixedOpaque", "chars", "fixedChars", "bool"],
  ...["int", "uint", "flags", "hyper", "uhyper", "float", "double", "char", "uchar", "short", "ushort"],
] as const;

/**
 * Has a reader or a writer note each call that a codec makes: method, field and bound. A reader takes the bound as
 * its second argument, a writer, which has the value before it, as its third.
 */
export function recordCalls(target: object, boundAt: number, calls: string[]): void {
  const methods = target as Record<string, (...args: unknown[]) => unknown>;
  for (const name of codecCalls) {
    const method = methods[name]!;
    methods[name] = (...args) => {
      const bound = args[boundAt];
      calls.push(`${name} ${String(args[0] ?? "")} ${String(bound ?? "")}`);
      return method.apply(target, args);
    };
  }
}
