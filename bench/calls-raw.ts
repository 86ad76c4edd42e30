/** The floor: bytes go out as prepared, and what comes back is counted only: calls-raw.ts CALL COUNT SOCKET */
import { once } from "node:events";
import { connect } from "node:net";
import { decode, headerLength, readFrameLength, remote } from "../src/protocol/index.js";
import { callFrame } from "./frames.js";
import { chosen, serve, type Work } from "./worker.js";

const longestFrame = 1024 * 1024;

const [, count, path] = process.argv.slice(2);
const socket = connect(path!);
socket.on("end", () => process.exit(1));
await exchange(callFrame(remote.authList, undefined));
await exchange(callFrame(remote.connectOpen, { name: "test:///default", flags: 0 }));
const found = await exchange(callFrame(remote.domainLookupByName, { name: "test" }));
const { dom } = decode(remote.domainLookupByName.ret, found.subarray(headerLength));
const call = chosen({
  getLibVersion: callFrame(remote.connectGetLibVersion, undefined),
  getInfo: callFrame(remote.domainGetInfo, { dom }),
});

async function exchange(frame: Uint8Array): Promise<Uint8Array> {
  socket.write(frame);
  const [reply] = await once(socket, "data");
  return reply;
}

/** Keeps `count` calls in flight. The replies to the frame are all of one length. */
function inFlight(count: number, frame: Uint8Array): Work {
  const frames = Buffer.concat(Array.from({ length: count }, () => frame));
  return async (more) => {
    const replyLength = readFrameLength(await exchange(frame), 0, longestFrame);
    return new Promise((resolve) => {
      let done = 1;
      let outstanding = count;
      let received = 0;
      const onData = (chunk: Buffer) => {
        received += chunk.length;
        const replies = Math.floor(received / replyLength);
        received -= replies * replyLength;
        done += replies;
        if (more()) {
          socket.write(frames.subarray(0, replies * frame.length));
        } else {
          outstanding -= replies;
          if (outstanding > 0) return;
          socket.off("data", onData);
          resolve(done);
        }
      };
      socket.on("data", onData);
      socket.write(frames);
    });
  };
}

await serve(inFlight(Number(count), call));
socket.destroy();
