import { TimeoutError } from "../errors.js";
import { checkTimeout, longestTimer } from "./deadline.js";

/** Notices when nothing happens for so long, while somebody waits for it to happen. */
export class IdleWatch {
  readonly #ms: number;
  readonly #expire: (reason: TimeoutError) => void;
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Watches nothing where there is no time given, or one that no timer can be set to. */
  constructor(ms: number | undefined, expire: (reason: TimeoutError) => void) {
    checkTimeout("idleTimeoutMs", ms);
    this.#ms = ms ?? Number.POSITIVE_INFINITY;
    this.#expire = expire;
  }

  /** Watches while this is under way. */
  async during<T>(act: () => Promise<T>): Promise<T> {
    if (this.#ms > longestTimer) return act();
    this.#waiting++;
    this.#timer ??= setTimeout(() => this.#expire(stoodStill(this.#ms)), this.#ms);
    try {
      return await act();
    } finally {
      this.#waiting--;
      this.happened();
      if (this.#waiting === 0) this.#stop();
    }
  }

  /** Something has happened: the time begins anew. */
  happened(): void {
    this.#timer?.refresh();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function stoodStill(ms: number): TimeoutError {
  return new TimeoutError(`the stream stood still for ${ms} ms (idleTimeoutMs), and was aborted`);
}
