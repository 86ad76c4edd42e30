import type { Sink, Subscription } from "./subscription.js";

type Callback = (event: never) => void;

/** Somebody who is called with events. */
export interface Listener {
  readonly id: number;
  /** How it was registered: by `on` under an event's name, by the methods of a class, or by a method of its own. */
  readonly via: string;
  readonly callback: Callback;
  readonly subscription: Subscription<unknown>;
  /** Takes back what was set up for it elsewhere. */
  release: () => void;
}

/** All who are called with a connection's events. */
export class Listeners {
  readonly #all = new Map<number, Listener>();
  #lastID = 0;

  add(via: string, callback: unknown, subscribe: (sink: Sink<never>) => Subscription<unknown>): Listener {
    checkCallback(callback);
    const id = ++this.#lastID;
    const subscription = subscribe({
      event: (event) => tell(callback, event),
      ended: () => this.#forget(id),
    });
    const listener = { id, via, callback, subscription, release: () => {} };
    this.#all.set(id, listener);
    return listener;
  }

  /** Those that were registered in this way: all of them, or those with the ID or the function given. */
  find(via: string, which: unknown): Listener[] {
    const matches = ({ id, callback }: Listener) => id === which || callback === which;
    return [...this.#all.values()].filter((listener) => listener.via === via && matches(listener));
  }

  /** Calls a listener no more. Resolves when the daemon knows, where it has to. */
  remove(listener: Listener): Promise<void> {
    this.#forget(listener.id);
    return listener.subscription.cancel();
  }

  #forget(id: number): void {
    this.#all.get(id)?.release();
    this.#all.delete(id);
  }
}

/** Throws a TypeError for what cannot be called. */
export function checkCallback(callback: unknown): asserts callback is Callback {
  if (typeof callback !== "function") {
    throw new TypeError(`callback: a function to call with events is wanted, not ${typeof callback}`);
  }
}

/** What a listener throws is its own affair, and not to be taken for an error of the connection or of other listeners. */
export function tell<Event>(callback: (event: Event) => void, event: Event): void {
  try {
    callback(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
