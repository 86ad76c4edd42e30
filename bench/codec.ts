import { compare, type Entry, type Result, type Subject } from "./compare.js";

/** Bytes to values and back, in memory, beside js-xdr on the very same bytes. */
export async function measureCodec(): Promise<Result[]> {
  const list = "a list of 10,000 domains";
  const stats = "stats of 100,000 typed parameters";
  // js-xdr leaves strings as bytes, unless it is told to make text of them.
  const asText: Entry = {
    label: "js-xdr, names as text",
    program: ["codec-js-xdr.ts", "decode domains, names as text"],
  };
  return [
    await compare(subject(`decode ${list}`, "domain"), [...both("decode domains"), asText]),
    await compare(subject(`encode ${list}`, "domain"), both("encode domains")),
    await compare(subject(`decode ${stats}`, "parameter"), both("decode stats")),
    await compare(subject(`encode ${stats}`, "parameter"), both("encode stats")),
  ];
}

const subject = (title: string, item: string): Subject => ({ title, item, sliceMs: 150 });

const both = (work: string): Entry[] => [
  { label: "virtwire", program: ["codec-virtwire.ts", work] },
  { label: "js-xdr", program: ["codec-js-xdr.ts", work] },
];
