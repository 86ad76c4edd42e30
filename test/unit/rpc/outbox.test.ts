import { describe, expect, test } from "vitest";
import { ping, pong } from "../../../src/protocol/generated/keepalive.js";
import { Outbox } from "../../../src/rpc/outbox.js";
import { maxPacketBytes } from "../../../src/rpc/stream.js";

const header = { prog: 0x20008086, vers: 1, proc: 208, type: 3, serial: 7, status: 2 };

/** A transport that sends nothing until it is told to, and keeps the very memory that it is given. */
function outbox() {
  const written: Uint8Array[] = [];
  const pipe = { sent: true };
  const write = (bytes: Uint8Array) => {
    written.push(bytes);
    return pipe.sent;
  };
  return { outbox: new Outbox({ write }), written, pipe };
}

const nextTick = () => new Promise<void>((resolve) => process.nextTick(resolve));

const large = (fill: number) => Buffer.alloc(maxPacketBytes, fill);

describe("an outbox", () => {
  test("sends what one tick writes in one piece", async () => {
    const { outbox: box, written } = outbox();
    box.writer.uint("a", 1);
    box.schedule();
    box.writer.uint("b", 2);
    box.schedule();
    expect(written).toEqual([]);
    await nextTick();
    expect(written.map((bytes) => [...bytes])).toEqual([[0, 0, 0, 1, 0, 0, 0, 2]]);
  });

  test("writes over what has been sent, and over nothing that has not", async () => {
    const { outbox: box, written, pipe } = outbox();
    const send = async (value: number, sent: boolean) => {
      pipe.sent = sent;
      box.writer.uint("a", value);
      box.schedule();
      await nextTick();
    };
    await send(1, true);
    await send(2, false);
    await send(3, true);
    const values = () => written.map((bytes) => bytes[3]);
    expect(values()).toEqual([2, 2, 3]);
    box.drained();
    await send(4, true);
    await send(5, true);
    expect(values()).toEqual([5, 5, 3, 4, 5]);
  });

  test("sends a message without content once a piece", async () => {
    const { outbox: box, written } = outbox();
    for (let count = 0; count < 1000; count++) box.signal(pong);
    box.signal(ping);
    await nextTick();
    expect(written.map(({ length }) => length)).toEqual([56]);
    box.signal(pong);
    await nextTick();
    expect(written.map(({ length }) => length)).toEqual([56, 28]);
  });

  test("sends no further message of its kind while one waits in the pipe", async () => {
    const { outbox: box, written, pipe } = outbox();
    pipe.sent = false;
    for (let tick = 0; tick < 100; tick++) {
      box.signal(pong);
      await nextTick();
    }
    box.signal(ping);
    await nextTick();
    expect(written.map(({ length }) => length)).toEqual([28, 28]);
    pipe.sent = true;
    box.drained();
    box.signal(pong);
    await nextTick();
    expect(written.map(({ length }) => length)).toEqual([28, 28, 28]);
  });

  test("sends packets at once, behind what was written before", () => {
    const { outbox: box, written, pipe } = outbox();
    pipe.sent = false;
    box.writer.uint("a", 1);
    box.schedule();
    box.packet(header, new Uint8Array([1, 2, 3]));
    expect(Buffer.concat(written).toString("hex")).toBe(
      "00000001" +
        "0000001f" +
        "20008086" +
        "00000001" +
        "000000d0" +
        "00000003" +
        "00000007" +
        "00000002" +
        "010203",
    );
  });

  test("lets packets wait for room, in the order in which they came", () => {
    const { outbox: box, pipe } = outbox();
    const order: string[] = [];
    const send = (name: string, sent: boolean) =>
      box.whenRoom(() => {
        order.push(name);
        pipe.sent = sent;
        box.packet(header, large(0));
      });
    send("a", false);
    send("b", true);
    send("c", false);
    send("d", true);
    expect(order).toEqual(["a"]);
    box.drained();
    expect(order).toEqual(["a", "b", "c"]);
    box.drained();
    expect(order).toEqual(["a", "b", "c", "d"]);
  });

  test("uses the memory of a packet again when that has been sent, and not before", () => {
    const { outbox: box, written, pipe } = outbox();
    pipe.sent = false;
    box.packet(header, large(1));
    box.packet(header, large(2));
    expect(large(1).equals(written[0]!.subarray(28))).toBe(true);
    expect(written[1]!.buffer).not.toBe(written[0]!.buffer);
    box.drained();
    box.packet(header, large(3));
    expect([written[0]!.buffer, written[1]!.buffer]).toContain(written[2]!.buffer);
    pipe.sent = true;
    box.drained();
    box.packet(header, large(4));
    box.packet(header, large(5));
    expect(written[4]!.buffer).toBe(written[3]!.buffer);
  });
});
