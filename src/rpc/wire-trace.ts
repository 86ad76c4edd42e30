import { inspect } from "node:util";
import { descriptors } from "../protocol/generated/descriptors.js";
import {
  MessageError,
  type MessageHeader,
  MessageStatus,
  MessageType,
  StreamHole,
} from "../protocol/generated/net.js";
import {
  headerLength,
  holdsStreamData,
  maxFrameLength,
  readFrameLength,
  readHeader,
} from "../protocol/message.js";
import type { EventMessage, Procedure } from "../protocol/procedure.js";
import { type Codec, XdrReader } from "../protocol/xdr.js";
import { Framer } from "./framer.js";
import { masked } from "./masking.js";
import type { WireTap } from "./secured-transport.js";

/** A procedure, or a message of the daemon's, with the name that it has in `virtwire/protocol`. */
interface Known {
  readonly title: string;
  readonly name: string;
  readonly args?: Codec<unknown>;
  readonly ret?: Codec<unknown>;
  readonly message?: Codec<unknown>;
}

type Descriptor = Procedure<unknown, unknown> | EventMessage<unknown>;

const known = new Map<string, Known>();
for (const [program, ofProgram] of Object.entries(descriptors)) {
  for (const [name, descriptor] of Object.entries<Descriptor>(ofProgram)) {
    const key = `${descriptor.program}:${descriptor.number}`;
    known.set(key, { ...descriptor, title: `${program}.${name}` } as Known);
  }
}

/** Prints each message of one connection, decoded and with its secrets masked. */
export class WireTrace implements WireTap {
  readonly #connection: number;
  readonly #print: (text: string) => void;
  readonly #reader = new XdrReader();
  readonly #sent = this.#framer(">");
  readonly #received = this.#framer("<");
  #lost = false;

  constructor(connection: number, print: (text: string) => void = (text) => process.stderr.write(text)) {
    this.#connection = connection;
    this.#print = print;
  }

  sent(bytes: Uint8Array): void {
    this.#push(this.#sent, bytes);
  }

  received(bytes: Uint8Array): void {
    this.#push(this.#received, bytes);
  }

  /** A trace must not change what it shows: what is wrong with the bytes is for the session to say. */
  #push(framer: Framer, bytes: Uint8Array): void {
    if (this.#lost) return;
    try {
      framer.push(bytes);
    } catch (error) {
      this.#lost = true;
      this.#line("", `the trace ends: ${(error as Error).message}`);
    }
  }

  #framer(direction: ">" | "<"): Framer {
    const show = (bytes: Uint8Array, start: number, end: number) => this.#frame(direction, bytes, start, end);
    return new Framer(maxFrameLength, show, { divisible: holdsStreamData, more: () => {} });
  }

  #frame(direction: string, bytes: Uint8Array, start: number, end: number): void {
    const length = readFrameLength(bytes, start, maxFrameLength);
    this.#reader.reset(bytes, start + 4, end);
    const header = readHeader(this.#reader);
    const what = known.get(`${header.prog}:${header.proc}`);
    const title = what?.title ?? `procedure ${header.proc} of program 0x${header.prog.toString(16)}`;
    const codec = codecOf(header, what, length);
    const outcome = header.status === MessageStatus.ERROR ? " error" : "";
    // An event's serial means nothing.
    const serial = header.type === MessageType.MESSAGE ? "" : ` ${header.serial}`;
    const name = `${kinds[header.type] ?? `type ${header.type}`}${serial} ${title}${outcome}`;
    this.#line(direction, `${name}, ${length} bytes${codec ? this.#payload(codec, what?.name ?? "") : ""}`);
  }

  #payload(codec: Codec<unknown>, procedure: string): string {
    try {
      const value = codec.decode(this.#reader, codec.name);
      if (value === undefined) return "";
      const text = inspect(masked(procedure, value), { depth: 8, breakLength: 110, maxStringLength: null });
      return `\n${text}`.replaceAll("\n", "\n    ");
    } catch (error) {
      return `: ${(error as Error).message}`;
    }
  }

  #line(direction: string, text: string): void {
    const time = new Date().toISOString().slice(11, 23);
    this.#print(`virtwire ${time} #${this.#connection} ${direction} ${text}\n`);
  }
}

const kinds: Readonly<Record<number, string>> = {
  [MessageType.CALL]: "call",
  [MessageType.REPLY]: "reply",
  [MessageType.MESSAGE]: "event",
  [MessageType.STREAM]: "stream",
  [MessageType.STREAM_HOLE]: "hole",
};

/** How to read what follows the header; undefined where there is nothing to be read, or nothing to be shown. */
function codecOf(
  { type, status }: MessageHeader,
  what: Known | undefined,
  length: number,
): Codec<unknown> | undefined {
  if (type === MessageType.STREAM_HOLE) return StreamHole;
  if (type === MessageType.MESSAGE) return what?.message;
  if (type === MessageType.CALL) return what?.args;
  if (status === MessageStatus.ERROR) return length > headerLength ? MessageError : undefined;
  return type === MessageType.REPLY ? what?.ret : undefined;
}
