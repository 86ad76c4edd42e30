/**
 * Answers every call at once with what it has prepared, so that a client is measured and not libvirt:
 *   null-server.ts SOCKET
 * Ends with its standard input.
 */
import { createServer } from "node:net";
import { nothing, type Procedure, remote } from "../src/protocol/index.js";
import { Framer } from "../src/rpc/framer.js";
import { replyFrame } from "./frames.js";

// Where the words stand in a frame.
const procedureAt = 12;
const serialAt = 20;
const longestFrame = 1024 * 1024;

const domain = { name: "test", uuid: new Uint8Array(16).fill(7), id: 1 };
const info = { state: 1, maxMem: 8388608n, memory: 2097152n, nrVirtCpu: 2, cpuTime: 1_234_567_890n };

const replies = new Map<number, Uint8Array>();
function prepare<Args, Ret>(procedure: Procedure<Args, Ret>, ret: Ret): void {
  replies.set(procedure.number, replyFrame(procedure, procedure.ret, ret));
}
prepare(remote.authList, { types: [remote.AuthType.NONE] });
prepare(remote.connectSupportsFeature, { supported: 0 });
prepare(remote.connectGetLibVersion, { libVer: 9_000_000n });
prepare(remote.domainLookupByName, { dom: domain });
prepare(remote.domainGetInfo, info);

/** For the procedures that only open and close. */
const emptyReply = (number: number) =>
  replyFrame({ program: remote.REMOTE_PROGRAM, number }, nothing, undefined);

const server = createServer((socket) => {
  let answers: Uint8Array[] = [];
  const framer = new Framer(longestFrame, (bytes, start) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset + start);
    const number = view.getInt32(procedureAt);
    const answer = (replies.get(number) ?? emptyReply(number)).slice();
    new DataView(answer.buffer).setUint32(serialAt, view.getUint32(serialAt));
    answers.push(answer);
  });
  socket.on("data", (chunk) => {
    framer.push(chunk);
    socket.write(Buffer.concat(answers));
    answers = [];
  });
  socket.on("error", () => socket.destroy());
});
server.listen(process.argv[2], () => console.log("ready"));
process.stdin.resume().on("end", () => process.exit());
