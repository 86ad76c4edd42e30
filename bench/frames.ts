import {
  beginFrame,
  type Codec,
  endFrame,
  net,
  type Procedure,
  programVersion,
  XdrWriter,
} from "../src/protocol/index.js";

const { MessageStatus, MessageType } = net;

/** A call as it goes over the wire. */
export function callFrame<Args>(procedure: Procedure<Args, unknown>, args: Args): Uint8Array {
  return frame(procedure, MessageType.CALL, procedure.args, args);
}

/** A daemon's friendly answer; the serial has to be put in. */
export function replyFrame<Ret>(to: Numbers, codec: Codec<Ret>, ret: Ret): Uint8Array {
  return frame(to, MessageType.REPLY, codec, ret);
}

type Numbers = Pick<Procedure<unknown, unknown>, "program" | "number">;

function frame<T>(
  { program, number }: Numbers,
  type: net.MessageType,
  codec: Codec<T>,
  value: T,
): Uint8Array {
  const writer = new XdrWriter();
  const numbers = { prog: program, vers: programVersion, proc: number, serial: 1 };
  const start = beginFrame(writer, { ...numbers, type, status: MessageStatus.OK });
  codec.encode(writer, codec.name, value);
  endFrame(writer, start);
  return writer.take();
}
