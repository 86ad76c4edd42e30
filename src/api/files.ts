import { type FileHandle, open } from "node:fs/promises";
import { maxPacketBytes } from "../rpc/stream.js";
import { FileWriter } from "./file-writer.js";
import type { LibvirtReadable, LibvirtWritable } from "./node-streams.js";

/** How much is read at a time, and the size of the blocks that are looked at for holes. */
const batchBytes = 1024 * 1024;
/** How much is read of what has no holes: whole packets, with no small one behind each batch. */
const packetsBytes = 4 * maxPacketBytes;
const blockBytes = 64 * 1024;
const zeros = Buffer.alloc(blockBytes);

/**
 * Writes a download into a new file: the fastest way, and, for one that was opened with `SPARSE_STREAM`, the one that
 * leaves out its holes, so that the file becomes as sparse as the volume is. C's `virStreamRecvAll` and
 * `virStreamSparseRecvAll`.
 *
 * @param path - A file that exists already is overwritten. A device or a pipe gets zeros for holes.
 */
export async function receiveFile({ stream }: LibvirtReadable, path: string): Promise<void> {
  // The daemon sends already: that is received while the file is opened.
  const file = new FileWriter(path, (error) => void stream.abort(error));
  try {
    let position = 0;
    for (let memory = await file.memory(); ; ) {
      const length = await stream.recvInto(memory);
      if (length > 0) {
        file.write(memory, length, position);
        position += length;
        memory = await file.memory();
      } else {
        const hole = stream.sparse ? await stream.recvHole() : 0n;
        if (hole === 0n) break;
        position += Number(hole);
      }
    }
    await file.finish(position);
    await stream.finish();
  } catch (error) {
    void stream.abort(error);
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * Sends a file to an upload: the fastest way, and, for one that was opened with `SPARSE_STREAM`, one that sends holes for
 * blocks of zeros, so that the volume becomes as sparse as it can be. C's `virStreamSendAll` and `virStreamSparseSendAll`.
 *
 * The volume must be a new one for that: the daemon skips a hole, and leaves there what there is.
 */
export async function sendFile(path: string, { stream }: LibvirtWritable): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    let hole = 0n;
    for await (const batch of batchesOf(file, stream.sparse ? batchBytes : packetsBytes)) {
      for (const { bytes, empty } of runs(batch, stream.sparse)) {
        if (empty) hole += BigInt(bytes.length);
        else {
          if (hole > 0n) await stream.sendHole(hole);
          hole = 0n;
          await stream.send(bytes);
        }
      }
    }
    if (hole > 0n) await stream.sendHole(hole);
    await stream.finish();
  } catch (error) {
    void stream.abort(error);
    throw error;
  } finally {
    await file?.close();
  }
}

/** A file's bytes, of which the next are read while somebody deals with the last. */
async function* batchesOf(file: FileHandle, bytes: number): AsyncGenerator<Buffer, void, undefined> {
  let [current, next] = [Buffer.allocUnsafeSlow(bytes), Buffer.allocUnsafeSlow(bytes)];
  let reading = file.read(current, 0, bytes);
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = file.read(next, 0, bytes);
      // It fails where it is awaited, which may be later.
      reading.catch(() => {});
      yield current.subarray(0, bytesRead);
      [current, next] = [next, current];
    }
  } finally {
    // The file must not be closed under it.
    await reading.catch(() => {});
  }
}

interface Run {
  readonly bytes: Buffer;
  readonly empty: boolean;
}

/** Cuts bytes into stretches that are empty throughout, or not; into one where holes are not wanted. */
function* runs(bytes: Buffer, sparse: boolean): Generator<Run> {
  let start = 0;
  let empty = false;
  for (let at = 0; sparse && at < bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    const isEmpty = block.equals(zeros.subarray(0, block.length));
    if (isEmpty !== empty && at > start) {
      yield { bytes: bytes.subarray(start, at), empty };
      start = at;
    }
    empty = isEmpty;
  }
  yield { bytes: bytes.subarray(start), empty };
}
