import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { UnsupportedError } from "../errors.js";
import { environment } from "./process.js";

const { spawn } = process.getBuiltinModule("node:child_process");

/**
 * What the process does that receives: it hands on what comes, and with it the stream sockets and pipes that are
 * attached. One piece at a time, so that a peer that sends more than is taken waits.
 */
const program = `
const { Socket } = require("node:net");
const { Pipe, constants } = process.binding("pipe_wrap");
const { TCP } = process.binding("tcp_wrap");
const handle = new Pipe(constants.IPC);
handle.open(4);
const socket = new Socket({ handle, manualStart: true });
process.on("disconnect", () => process.exit());
socket.on("error", () => {});
socket.on("close", () => process.exit());
socket.on("data", (bytes) => {
  const attached = handle.pendingHandle;
  handle.pendingHandle = null;
  const isStream = attached instanceof Pipe || attached instanceof TCP;
  if (attached && !isStream) attached.close();
  handle.readStop();
  process.send(bytes, isStream ? attached : undefined, {}, () => handle.readStart());
});
`;

/**
 * Has a process of its own read a socket over which descriptors may come: its messages are what came, with the handle
 * of Node's that was attached. Node aborts where it is sent the descriptor of a file or of a terminal, before anybody
 * can look at it. That must not be in this process, whoever is at the other end.
 */
export async function startReceiver(socket: Socket, peer: string): Promise<ChildProcess> {
  // There the program that runs is not Node but the application, which would be started once more.
  if (process.getBuiltinModule("node:sea")?.isSea()) {
    throw new UnsupportedError("file descriptors cannot be passed in a single executable application");
  }
  try {
    const child = spawn(process.execPath, ["-e", program], {
      stdio: ["ignore", "ignore", "ignore", "ipc", socket],
      serialization: "advanced",
      // Electron's program is to be Node here.
      env: { ...environment([]), ELECTRON_RUN_AS_NODE: "1" },
      // Not to be interrupted at the terminal: it ends with us.
      detached: true,
      cwd: "/",
    });
    await new Promise((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    return child;
  } catch (cause) {
    throw new UnsupportedError(
      `file descriptors from ${peer} are received by a process of its own, which cannot be started: ${(cause as Error).message}`,
      { cause },
    );
  }
}
