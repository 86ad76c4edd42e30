import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../../src/errors.js";
import { maxFrameLength } from "../../../src/protocol/message.js";
import { Framer } from "../../../src/rpc/framer.js";
import { collectGarbage } from "./garbage.js";
import { announce, frame, joined } from "./peer.js";

const KiB = 1024;
const MiB = 1024 * KiB;

/** A framer, and copies of what it hands on. */
function framing(maxLength = maxFrameLength) {
  const frames: Uint8Array[] = [];
  const framer = new Framer(maxLength, (bytes, start, end) => frames.push(bytes.slice(start, end)));
  return { framer, frames };
}

/** A message whose payload is that many bytes, no two neighbours of which are equal. */
function message(payloadLength: number, serial = 1): Uint8Array {
  const payload = new Uint8Array(payloadLength);
  for (let index = 0; index < payloadLength; index++) payload[index] = index * 7 + serial;
  return frame({ serial }, payload);
}

/** Cuts bytes at these places. Every piece is a copy with memory of its own, as different reads have. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...[...places].sort((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((end, index) => bytes.slice(sorted[index], end));
}

/** `toEqual` takes seconds for megabytes. */
const same = (one: Uint8Array, other: Uint8Array) => Buffer.compare(one, other) === 0;

describe("frames come out whole, however they came in", () => {
  const wanted = [message(0, 1), message(9, 2), message(1, 3)];
  const wire = joined(...wanted);

  test("as one chunk", () => {
    const { framer, frames } = framing();
    framer.push(wire);
    expect(frames).toEqual(wanted);
    expect(framer.midFrame).toBe(false);
  });

  test("cut in two, and in three, at every place", () => {
    for (let first = 0; first <= wire.length; first++) {
      for (let second = first; second <= wire.length; second++) {
        const { framer, frames } = framing();
        for (const piece of cut(wire, [first, second])) framer.push(piece);
        expect(same(joined(...frames), wire), `cut at ${first} and ${second}`).toBe(true);
        expect(frames.map(({ length }) => length)).toEqual([28, 37, 29]);
      }
    }
  });

  test("and what belongs to none of them is dropped, wherever it is cut", () => {
    const foreign = Uint8Array.of(0, 0, 0, 28, 0, 0, 0);
    const wire = joined(wanted[0]!, foreign, wanted[1]!, foreign, wanted[2]!);
    for (let first = 0; first <= wire.length; first++) {
      for (let second = first; second <= wire.length; second++) {
        const frames: Uint8Array[] = [];
        const skipped: number[] = [];
        const framer: Framer = new Framer(maxFrameLength, (bytes, start, end) => {
          frames.push(bytes.slice(start, end));
          if (frames.length < 3) framer.skip(foreign.length, () => skipped.push(frames.length));
        });
        for (const piece of cut(wire, [first, second])) framer.push(piece);
        expect(same(joined(...frames), joined(...wanted)), `cut at ${first} and ${second}`).toBe(true);
        expect(skipped).toEqual([1, 2]);
      }
    }
  });

  test("one byte at a time, each as soon as it is complete", () => {
    const { framer, frames } = framing();
    const complete: number[] = [];
    wire.forEach((byte, index) => {
      framer.push(Uint8Array.of(byte));
      if (frames.length > complete.length) complete.push(index + 1);
    });
    expect(complete).toEqual([28, 28 + 37, 28 + 37 + 29]);
    expect(same(joined(...frames), wire)).toBe(true);
  });

  test("thousands in a chunk", () => {
    const { framer, frames } = framing();
    const many = Array.from({ length: 5000 }, (_, serial) => message(serial % 50, serial));
    framer.push(joined(...many));
    expect(frames).toEqual(many);
  });

  test("frames of any length, cut at random", () => {
    const lengths = fc.array(fc.oneof(fc.nat(40), fc.nat(200_000)), { minLength: 1, maxLength: 8 });
    const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
    fc.assert(
      fc.property(lengths, places, (payloads, fractions) => {
        const sent = payloads.map((length, serial) => message(length, serial));
        const bytes = joined(...sent);
        const { framer, frames } = framing();
        for (const piece of cut(
          bytes,
          fractions.map((at) => Math.floor(at * bytes.length)),
        ))
          framer.push(piece);
        expect(frames.map(({ length }) => length)).toEqual(sent.map(({ length }) => length));
        expect(same(joined(...frames), bytes)).toBe(true);
        expect(framer.midFrame).toBe(false);
      }),
    );
  });

  test("the longest there can be, in the pieces that a socket gives", () => {
    const { framer, frames } = framing();
    const longest = message(maxFrameLength - 28);
    for (let at = 0; at < longest.length; at += 64 * KiB) framer.push(longest.slice(at, at + 64 * KiB));
    expect(frames).toHaveLength(1);
    expect(same(frames[0]!, longest)).toBe(true);
  });

  test("it knows whether one has begun", () => {
    const { framer } = framing();
    expect(framer.midFrame).toBe(false);
    framer.push(wire.slice(0, 28));
    expect(framer.midFrame).toBe(false);
    framer.push(wire.slice(28, 29));
    expect(framer.midFrame).toBe(true);
    framer.push(new Uint8Array(0));
    expect(framer.midFrame).toBe(true);
    framer.push(wire.slice(29));
    expect(framer.midFrame).toBe(false);
  });

  test("what its handler throws reaches who brought the chunk", () => {
    const framer = new Framer(maxFrameLength, () => {
      throw new Error("not that one");
    });
    expect(() => framer.push(wire)).toThrow("not that one");
    const another = new Framer(maxFrameLength, () => {
      throw new Error("not that one");
    });
    another.push(wire.slice(0, 27));
    expect(() => another.push(wire.slice(27))).toThrow("not that one");
  });
});

describe("a length that no frame can have", () => {
  const impossible = [0, 3, 4, 27, maxFrameLength + 1, 33_554_437, 0x7fffffff, 0x80000000, 0xffffffff];

  test.each(impossible)("%d is refused on its fourth byte", (length) => {
    const { framer, frames } = framing();
    expect(() => framer.push(announce(length))).toThrow(ProtocolError);
    expect(() => framing().framer.push(announce(length, 100))).toThrow(`message of ${length} bytes`);
    expect(() => framing().framer.push(joined(message(5), announce(length)))).toThrow(ProtocolError);

    const slow = framing();
    const [first, second, third, fourth] = announce(length);
    for (const byte of [first, second, third]) slow.framer.push(Uint8Array.of(byte!));
    expect(() => slow.framer.push(Uint8Array.of(fourth!))).toThrow(ProtocolError);
    expect([...frames, ...slow.frames]).toEqual([]);
  });

  test("the bounds themselves are allowed", () => {
    const { framer, frames } = framing(100);
    framer.push(joined(message(0), message(72)));
    expect(frames.map(({ length }) => length)).toEqual([28, 100]);
    expect(() => framer.push(message(73))).toThrow("within 28 and 100");
  });
});

describe("stopping", () => {
  const chunk = joined(message(1, 1), message(2, 2), message(3, 3));

  test("within the chunk in hand", () => {
    const seen: number[] = [];
    const framer = new Framer(maxFrameLength, (_, start, end) => {
      seen.push(end - start);
      if (seen.length === 2) framer.stop();
    });
    framer.push(joined(chunk, chunk.slice(0, 10)));
    expect(seen).toEqual([29, 30]);
    expect(framer.midFrame).toBe(false);
  });

  test("at a frame that spanned chunks", () => {
    const seen: number[] = [];
    const framer = new Framer(maxFrameLength, (_, start, end) => {
      seen.push(end - start);
      framer.stop();
    });
    framer.push(chunk.slice(0, 20));
    framer.push(joined(chunk.slice(20), chunk));
    expect(seen).toEqual([29]);
    expect(framer.midFrame).toBe(false);
  });

  test("for good: not even nonsense is looked at any more", () => {
    const { framer, frames } = framing();
    framer.push(chunk.slice(0, 20));
    framer.stop();
    framer.push(chunk.slice(20));
    framer.push(chunk);
    framer.push(announce(0xffffffff, 100));
    expect(frames).toEqual([]);
    expect(framer.midFrame).toBe(false);
  });
});

describe("memory", () => {
  test("grows with what has come, not with what was announced", () => {
    const chunk = announce(maxFrameLength, 100);
    const before = process.memoryUsage().arrayBuffers;
    const framers = Array.from({ length: 50 }, () => framing().framer);
    for (const framer of framers) framer.push(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(framers.length * 70 * KiB);
    expect(framers.every(({ midFrame }) => midFrame)).toBe(true);
  });

  test("is free when the frame has been handed on", async () => {
    const large = message(MiB);
    let handed: WeakRef<Uint8Array> | undefined;
    const framer = new Framer(maxFrameLength, (bytes) => {
      handed = new WeakRef(bytes);
    });
    framer.push(large.slice(0, 1000));
    framer.push(large.slice(1000));
    expect(handed?.deref()).toBeDefined();
    await collectGarbage();
    expect(handed?.deref()).toBeUndefined();
    expect(framer.midFrame).toBe(false);
  });

  test("is free when it was stopped in the middle of a frame", async () => {
    const { framer } = framing();
    const pieces = [message(20 * MiB).slice(0, -1)];
    await collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    framer.push(pieces.pop()!);
    framer.stop();
    await collectGarbage();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(-19 * MiB);
    expect(framer.midFrame).toBe(false);
  });
});
