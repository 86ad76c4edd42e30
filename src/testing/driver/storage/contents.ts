import type { Segment } from "../../../rpc/backlog.js";

const pageBytes = 64 * 1024;

/** The bytes of a volume, in memory: only those pages are there that something has been written to. */
export class Contents {
  readonly #pages = new Map<number, Uint8Array>();

  write(offset: bigint, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const [page, start] = placeOf(offset + BigInt(done));
      const piece = bytes.subarray(done, done + pageBytes - start);
      const found = this.#pages.get(page) ?? new Uint8Array(pageBytes);
      found.set(piece, start);
      this.#pages.set(page, found);
      done += piece.length;
    }
  }

  /** Makes a hole: what was there is zeros now. */
  clear(offset: bigint, length: bigint): void {
    const end = offset + length;
    for (const [page, bytes] of this.#pages) {
      const first = BigInt(page) * BigInt(pageBytes);
      const [from, to] = [offset - first, end - first].map((at) =>
        Number(at < 0n ? 0n : at > pageBytes ? BigInt(pageBytes) : at),
      ) as [number, number];
      if (from === 0 && to === pageBytes) this.#pages.delete(page);
      else if (from < to) bytes.fill(0, from, to);
    }
  }

  /** What is there, in pieces and holes. */
  *read(offset: bigint, length: bigint): IterableIterator<Segment> {
    const end = offset + length;
    const size = BigInt(pageBytes);
    const written = [...this.#pages].sort(([a], [b]) => a - b);
    let at = offset;
    for (const [page, bytes] of written) {
      const first = BigInt(page) * size;
      if (first + size <= at || first >= end) continue;
      if (first > at) {
        yield { hole: first - at };
        at = first;
      }
      const to = first + size < end ? first + size : end;
      // A copy: it may be written to before it is sent.
      yield { data: bytes.slice(Number(at - first), Number(to - first)) };
      at = to;
    }
    if (at < end) yield { hole: end - at };
  }

  clone(): Contents {
    const copy = new Contents();
    for (const [page, bytes] of this.#pages) copy.#pages.set(page, bytes.slice());
    return copy;
  }
}

/** The page that a byte is on, and where there. */
function placeOf(offset: bigint): [page: number, start: number] {
  const size = BigInt(pageBytes);
  return [Number(offset / size), Number(offset % size)];
}
