import { type FileHandle, open } from "node:fs/promises";
import type { LibvirtReadable, LibvirtWritable } from "./node-streams.js";
import type { Stream } from "./stream.js";

/** How much is read of a file at a time, and the size of the blocks that are looked at for holes. */
const readBytes = 1024 * 1024;
const blockBytes = 64 * 1024;
const zeros = Buffer.alloc(blockBytes);

/**
 * Writes a download that was opened with `SPARSE_STREAM` into a new file, and leaves out what is a hole: the file becomes
 * as sparse as the volume is. C's `virStreamSparseRecvAll`.
 *
 * @param path - A file that exists already is overwritten.
 */
export async function receiveSparse({ stream }: LibvirtReadable, path: string): Promise<void> {
  await withFile(stream, path, "w", async (file) => {
    let position = 0;
    for await (const segment of stream.segments()) {
      if ("data" in segment) await writeAll(file, segment.data, position);
      position += "data" in segment ? segment.data.length : Number(segment.hole);
    }
    // A hole at the end has to be made.
    await file.truncate(position);
  });
}

/**
 * Sends a file to an upload that was opened with `SPARSE_STREAM`, and sends holes for blocks of zeros. C's
 * `virStreamSparseSendAll`.
 *
 * The volume must be a new one: the daemon skips a hole, and leaves there what there is.
 */
export async function sendSparse(path: string, { stream }: LibvirtWritable): Promise<void> {
  await withFile(stream, path, "r", async (file) => {
    if (!stream.sparse) throw new TypeError("the upload was opened without SPARSE_STREAM: it takes no holes");
    const buffer = Buffer.allocUnsafeSlow(readBytes);
    let hole = 0n;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, readBytes);
      if (bytesRead === 0) break;
      for (const { bytes, empty } of runs(buffer.subarray(0, bytesRead))) {
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
  });
}

/** Does something with a file, and aborts the stream when that fails. */
async function withFile(
  stream: Stream,
  path: string,
  mode: "r" | "w",
  act: (file: FileHandle) => Promise<void>,
): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, mode);
    await act(file);
  } catch (error) {
    void stream.abort(error);
    throw error;
  } finally {
    await file?.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const left = bytes.length - written;
    written += (await file.write(bytes, written, left, position + written)).bytesWritten;
  }
}

interface Run {
  readonly bytes: Buffer;
  readonly empty: boolean;
}

/** Cuts bytes into stretches that are empty throughout, or not. */
function* runs(bytes: Buffer): Generator<Run> {
  let start = 0;
  let empty = false;
  for (let at = 0; at < bytes.length; at += blockBytes) {
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
