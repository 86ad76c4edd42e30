/** A piece of what travels through a stream: bytes, or how many bytes there are none of. */
export type Segment = { readonly data: Uint8Array } | { readonly hole: bigint };

/** What a piece that waits costs beside its bytes: holes have none. */
const pieceBytes = 256;

/** The most bytes that are joined to one piece. */
export const largestPiece = 1024 * 1024;

const noBytes = new Uint8Array(0);

/**
 * What a stream has received and nobody has read yet. Bytes are copied once, and joined to the larger pieces the more of
 * them wait: so who is behind has fewer of them to deal with, and a console's single bytes cost little.
 */
export class Backlog {
  readonly #pieces: Segment[] = [];
  #bytes = 0;
  /** What is left of the memory behind the last piece. */
  #room: Uint8Array = noBytes;

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** How much memory it takes, about. */
  get cost(): number {
    return this.#bytes + pieceBytes * this.#pieces.length;
  }

  /** Adds bytes, which it copies. */
  push(bytes: Uint8Array): void {
    const fitting = Math.min(bytes.length, this.#room.length);
    if (fitting > 0) this.#extend(bytes.subarray(0, fitting));
    if (bytes.length > fitting) this.#begin(bytes.subarray(fitting));
    this.#bytes += bytes.length;
  }

  pushHole(hole: bigint): void {
    this.#pieces.push({ hole });
    this.#room = noBytes;
  }

  /** Takes the first piece out. */
  shift(): Segment | undefined {
    const first = this.#pieces.shift();
    if (this.isEmpty) this.#room = noBytes;
    if (first && "data" in first) this.#bytes -= first.data.length;
    return first;
  }

  /** Takes bytes out into `target`, until that is full, or a hole comes, or there are no more. Returns how many. */
  moveTo(target: Uint8Array): number {
    let filled = 0;
    for (;;) {
      const [first] = this.#pieces;
      if (!first || "hole" in first || filled === target.length) return filled;
      const taken = first.data.subarray(0, target.length - filled);
      target.set(taken, filled);
      filled += taken.length;
      if (taken.length === first.data.length) this.shift();
      else {
        this.#pieces[0] = { data: first.data.subarray(taken.length) };
        this.#bytes -= taken.length;
      }
    }
  }

  clear(): void {
    this.#pieces.length = 0;
    this.#bytes = 0;
    this.#room = noBytes;
  }

  #extend(bytes: Uint8Array): void {
    this.#room.set(bytes);
    this.#room = this.#room.subarray(bytes.length);
    const { data } = this.#pieces.at(-1) as { readonly data: Uint8Array };
    const longer = new Uint8Array(data.buffer, data.byteOffset, data.length + bytes.length);
    this.#pieces[this.#pieces.length - 1] = { data: longer };
  }

  #begin(bytes: Uint8Array): void {
    const memory = Buffer.allocUnsafeSlow(Math.max(bytes.length, Math.min(this.#bytes, largestPiece)));
    memory.set(bytes);
    const data = new Uint8Array(memory.buffer, 0, bytes.length);
    this.#pieces.push({ data });
    this.#room = memory.subarray(bytes.length);
  }
}
