/**
 * The floor: bytes go out as prepared, and what comes back is counted only: raw.ts WORK COUNT SOCKET, with COUNT calls
 * in flight.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { decode, headerLength, readFrameLength, remote } from "../../src/protocol/index.js";
import { callFrame } from "../frames.js";
import { chosen, serve, type Work } from "../worker.js";

const longestFrame = 32 * 1024 * 1024;

const [work, count, path] = process.argv.slice(2);
const socket = connect(path!);
socket.on("end", () => process.exit(1));
await exchange(callFrame(remote.authList, undefined));
await exchange(callFrame(remote.connectOpen, { name: "test:///default", flags: 0 }));
const found = await exchange(callFrame(remote.domainLookupByName, { name: "test" }));
const { dom } = decode(remote.domainLookupByName.ret, found.subarray(headerLength));
const call = chosen({
  getLibVersion: callFrame(remote.connectGetLibVersion, undefined),
  getInfo: callFrame(remote.domainGetInfo, { dom }),
  list: callFrame(remote.connectListAllDomains, { needResults: 1, flags: 0 }),
  stats: callFrame(remote.connectGetAllDomainStats, { doms: [], stats: 0, flags: 0 }),
});

/** One call alone, for what is done once. */
async function exchange(frame: Uint8Array): Promise<Uint8Array> {
  socket.write(frame);
  let [reply]: Buffer[] = await once(socket, "data");
  while (reply!.length < readFrameLength(reply!, 0, longestFrame)) {
    const [more]: Buffer[] = await once(socket, "data");
    reply = Buffer.concat([reply!, more!]);
  }
  return reply!;
}

/** How many things a reply tells of: the first word of these lists; other replies count as one. */
function itemsIn(reply: Uint8Array): number {
  if (work !== "list" && work !== "stats") return 1;
  return new DataView(reply.buffer, reply.byteOffset).getUint32(headerLength);
}

/** Keeps `count` calls in flight. The replies to the frame are all of one length. */
async function inFlight(count: number, frame: Uint8Array): Promise<Work> {
  const frames = Buffer.concat(Array.from({ length: count }, () => frame));
  const sample = await exchange(frame);
  return (more) =>
    new Promise((resolve) => {
      let done = 0;
      let outstanding = count;
      let received = 0;
      const onData = (chunk: Buffer) => {
        received += chunk.length;
        const replies = Math.floor(received / sample.length);
        received -= replies * sample.length;
        done += replies;
        if (more()) {
          if (replies > 0) socket.write(frames.subarray(0, replies * frame.length));
        } else {
          outstanding -= replies;
          if (outstanding > 0) return;
          socket.off("data", onData);
          resolve(done * itemsIn(sample));
        }
      };
      socket.on("data", onData);
      socket.write(frames);
    });
}

await serve(await inFlight(Number(count), call));
socket.destroy();
