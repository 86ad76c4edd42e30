/** codec-virtwire.ts WORK */
import { type Codec, decode, encode, remote } from "../src/protocol/index.js";
import { domainCount, listReply, paramCount, statsReply } from "./samples.js";
import { chosen, repeat, serve, type Work } from "./worker.js";

const decoding = <T>(items: number, codec: Codec<T>, bytes: Uint8Array): Work =>
  repeat(items, () => decode(codec, bytes));

function encoding<T>(items: number, codec: Codec<T>, bytes: Uint8Array): Work {
  const value = decode(codec, bytes);
  return repeat(items, () => encode(codec, value));
}

const works = {
  "decode domains": () => decoding(domainCount, remote.ConnectListAllDomainsRet, listReply()),
  "encode domains": () => encoding(domainCount, remote.ConnectListAllDomainsRet, listReply()),
  "decode stats": () => decoding(paramCount, remote.ConnectGetAllDomainStatsRet, statsReply()),
  "encode stats": () => encoding(paramCount, remote.ConnectGetAllDomainStatsRet, statsReply()),
};
await serve(chosen(works)());
