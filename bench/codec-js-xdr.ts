/** codec-js-xdr.ts WORK */
import XDR from "js-xdr";
import { domainCount, listReply, paramCount, statsReply } from "./samples.js";
import { chosen, repeat, serve } from "./worker.js";

/** A type of js-xdr's and what reading it gives: structs have an accessor for each field. */
interface Type<T> {
  fromXDR(bytes: Uint8Array): T;
  toXDR(value: T): Uint8Array;
}
interface Domain {
  name(): Buffer;
  uuid(): Buffer;
  id(): number;
}
interface Types {
  readonly List: Type<{ domains(): Domain[] }>;
  readonly Stats: Type<unknown>;
}

const longestString = 4 * 1024 * 1024;

const { List, Stats } = XDR.config<Types>((xdr) => {
  xdr.struct("Domain", [
    ["name", xdr.string(longestString)],
    ["uuid", xdr.opaque(16)],
    ["id", xdr.int()],
  ]);
  xdr.struct("List", [
    ["domains", xdr.varArray(xdr.lookup("Domain"), 16384)],
    ["ret", xdr.uint()],
  ]);
  xdr.union("Value", {
    switchOn: xdr.int(),
    switches: [
      [1, "i"],
      [2, "ui"],
      [3, "l"],
      [4, "ul"],
      [5, "d"],
      [6, "b"],
      [7, "s"],
    ],
    arms: {
      i: xdr.int(),
      ui: xdr.uint(),
      l: xdr.hyper(),
      ul: xdr.uhyper(),
      d: xdr.double(),
      b: xdr.int(),
      s: xdr.string(longestString),
    },
  });
  xdr.struct("Param", [
    ["field", xdr.string(longestString)],
    ["value", xdr.lookup("Value")],
  ]);
  xdr.struct("Record", [
    ["dom", xdr.lookup("Domain")],
    ["params", xdr.varArray(xdr.lookup("Param"), 262144)],
  ]);
  xdr.struct("Stats", [["retStats", xdr.varArray(xdr.lookup("Record"), 16384)]]);
});

// A Buffer is what it reads fastest: of anything else it makes one first.
const decoding = <T>(items: number, type: Type<T>, bytes: Buffer) => repeat(items, () => type.fromXDR(bytes));

function encoding<T>(items: number, type: Type<T>, bytes: Buffer) {
  const value = type.fromXDR(bytes);
  return repeat(items, () => type.toXDR(value));
}

/** Its strings are bytes; this makes of them what a caller wants. */
function decodingNames(bytes: Buffer) {
  return repeat(domainCount, () =>
    List.fromXDR(bytes)
      .domains()
      .map((domain) => ({ name: domain.name().toString(), uuid: domain.uuid(), id: domain.id() })),
  );
}

const list = () => Buffer.from(listReply());
const stats = () => Buffer.from(statsReply());
const works = {
  "decode domains": () => decoding(domainCount, List, list()),
  "decode domains, names as text": () => decodingNames(list()),
  "encode domains": () => encoding(domainCount, List, list()),
  "decode stats": () => decoding(paramCount, Stats, stats()),
  "encode stats": () => encoding(paramCount, Stats, stats()),
};
await serve(chosen(works)());
