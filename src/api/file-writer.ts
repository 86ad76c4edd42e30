import { type FileHandle, open } from "node:fs/promises";

/** How much is written at a time. */
const pieceBytes = 1024 * 1024;
/** How many pieces may wait to be written: a system that drops a file's old content, or has much to write, takes a while. */
const mostPieces = 8;

/**
 * Writes a new file behind the one who fills its memory, who goes on with the next piece meanwhile. The same memory is
 * used again and again; as much of it is taken as the writing falls behind.
 */
export class FileWriter {
  readonly #failed: (error: unknown) => void;
  readonly #opening: Promise<FileHandle>;
  /** Only these have places that can be left out, and a length that can be set: devices and pipes have not. */
  #regular = true;
  /** Up to where it has been written. */
  #end = 0;
  #closing = false;
  readonly #free: Buffer[] = [];
  #pieces = 0;
  /** What is being written, and what is to be written after it. */
  readonly #writing: Promise<void>[] = [];
  #last: Promise<void>;

  /** `failed` is called when the file cannot be opened or written. All that is done with it then rejects with the error. */
  constructor(path: string, failed: (error: unknown) => void) {
    this.#failed = failed;
    this.#opening = open(path, "w");
    this.#last = this.#opening.then(async (file) => {
      this.#regular = (await file.stat()).isFile();
    });
    this.#last.catch(failed);
  }

  /** Memory to be filled; waits for some where too much is in use. */
  async memory(): Promise<Buffer> {
    if (this.#free.length === 0 && this.#pieces === mostPieces) await this.#writing[0];
    const used = this.#free.pop();
    if (used) return used;
    this.#pieces++;
    return Buffer.allocUnsafeSlow(pieceBytes);
  }

  /** Has `length` bytes of memory that was filled written to a place at, or beyond, the end of what was before. */
  write(memory: Buffer, length: number, position: number): void {
    this.#then(async (file) => {
      await this.#fillUpTo(file, position);
      await this.#append(file, memory.subarray(0, length));
      this.#free.push(memory);
      this.#writing.shift();
    });
    this.#writing.push(this.#last);
  }

  /** Waits until all is written, and the file has its length. */
  async finish(length: number): Promise<void> {
    this.#then(async (file) => {
      if (this.#regular && length > this.#end) await file.truncate(length);
      else await this.#fillUpTo(file, length);
    });
    await this.#last;
  }

  /** Closes the file when what is being written has been. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#last.catch(() => {});
    const file = await this.#opening.catch(() => undefined);
    await file?.close();
  }

  #then(act: (file: FileHandle) => Promise<void>): void {
    this.#last = this.#last.then(async () => {
      if (!this.#closing) await act(await this.#opening);
    });
    this.#last.catch(this.#failed);
  }

  async #fillUpTo(file: FileHandle, position: number): Promise<void> {
    if (this.#regular) this.#end = position;
    if (this.#end === position) return;
    const zeros = Buffer.alloc(Math.min(pieceBytes, position - this.#end));
    while (this.#end < position && !this.#closing) {
      await this.#append(file, zeros.subarray(0, position - this.#end));
    }
  }

  /** The system may take less than all at a time. */
  async #append(file: FileHandle, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const place = this.#regular ? this.#end : null;
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at, place);
      at += bytesWritten;
      this.#end += bytesWritten;
    }
  }
}
