import { type CallOptions, watchDeadline } from "./deadline.js";

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Those who wait for one and the same thing, each as long as they want to. */
export class WaitingRoom<T> {
  readonly #changed: () => void;
  readonly #waiters = new Set<Waiter<T>>();

  /** `changed` is called when somebody has come or gone. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get size(): number {
    return this.#waiters.size;
  }

  wait(options: CallOptions, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = watchDeadline(options, what, (reason) => waiter.reject(reason));
      const leave = () => {
        stop?.();
        this.#waiters.delete(waiter);
        this.#changed();
      };
      const waiter: Waiter<T> = {
        resolve: (value) => {
          leave();
          resolve(value);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      this.#changed();
    });
  }

  /** Gives it to all, in the order in which they came. */
  resolve(value: T): void {
    for (const waiter of [...this.#waiters]) waiter.resolve(value);
  }

  reject(error: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.reject(error);
  }
}
