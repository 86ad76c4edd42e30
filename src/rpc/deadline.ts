import { setMaxListeners } from "node:events";
import { TimeoutError } from "../errors.js";

/** How a caller bounds a call. */
export interface CallOptions {
  /** Abandons the call when it aborts: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the promise rejects with a {@link TimeoutError}. Waiting for its turn counts. */
  readonly timeoutMs?: number | undefined;
}

/** Throws for what are no options at all. */
export function checkObject(name: string, value: object): void {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`${name}: an object is wanted, not ${value === null ? "null" : typeof value}`);
  }
}

/** Throws for what are no options of a call. */
export function checkCallOptions(options: CallOptions): void {
  checkObject("options", options);
  const { signal, timeoutMs } = options;
  // Not by its class, which a signal of another realm does not have.
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function") {
    throw new TypeError("signal: an AbortSignal is wanted");
  }
  checkTimeout("timeoutMs", timeoutMs);
}

/** Whether there is anything to watch, which mostly there is not. Throws for what are no options. */
export function isBounded(options: CallOptions): boolean {
  checkCallOptions(options);
  return options.signal !== undefined || options.timeoutMs !== undefined;
}

/** The longest that a timer can be set to; what is longer is as good as none. */
export const longestTimer = 0x7fffffff;

/**
 * Calls `expire` once, with the reason, when the signal aborts or the time is over. Returns what ends the watch, or
 * undefined where there is nothing to watch. Throws at once where the signal has aborted already.
 */
export function watchDeadline(
  options: CallOptions,
  what: string,
  expire: (reason: unknown) => void,
): (() => void) | undefined {
  checkCallOptions(options);
  const { signal, timeoutMs } = options;
  signal?.throwIfAborted();
  const timed = timeoutMs !== undefined && timeoutMs <= longestTimer;
  if (!timed && !signal) return undefined;

  const timer = timed
    ? setTimeout(() => end(new TimeoutError(`${what}: no answer within ${timeoutMs} ms`)), timeoutMs)
    : undefined;
  const ignore = signal && onAbort(signal, () => end(signal.reason));
  const stop = () => {
    clearTimeout(timer);
    ignore?.();
  };
  const end = (reason: unknown) => {
    stop();
    expire(reason);
  };
  return stop;
}

/**
 * Calls a function when the signal aborts, until the one that it returns is called. Many may share a signal, and they
 * all take their listeners back, so Node need not warn of a leak.
 */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  setMaxListeners(0, signal);
  signal.addEventListener("abort", act);
  return () => signal.removeEventListener("abort", act);
}

/** Runs something that takes a signal under a deadline; the signal it gets covers both of the caller's bounds. */
export async function withDeadline<T>(
  options: CallOptions = {},
  what: string,
  run: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (!isBounded(options)) return run(undefined);
  const controller = new AbortController();
  const stop = watchDeadline(options, what, (reason) => controller.abort(reason));
  if (!stop) return run(undefined);
  try {
    return await run(controller.signal);
  } finally {
    stop();
  }
}

/**
 * The same for what may not heed its signal, be it a file system or a library that gets no answer: settles when the time
 * is over, whatever becomes of it. A result that comes too late is given to `drop`.
 */
export function inTime<T>(
  options: CallOptions,
  what: string,
  run: (signal: AbortSignal | undefined) => Promise<T>,
  drop: (late: T) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const watched = (signal: AbortSignal | undefined) => {
      signal?.addEventListener("abort", () => {
        isLate = true;
        reject(signal.reason);
      });
      return run(signal);
    };
    withDeadline(options, what, watched).then((result) => {
      if (isLate) drop(result);
      else resolve(result);
    }, reject);
  });
}

/** Waits for something, and no longer than a caller wants to. */
export function within<T>(options: CallOptions = {}, what: string, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let stop: (() => void) | undefined;
    // Before the watch, which may be over at once: whatever the promise comes to, somebody must have looked.
    promise.then(resolve, reject).finally(() => stop?.());
    stop = watchDeadline(options, what, reject);
  });
}

/** Throws for what is no number of milliseconds. */
export function checkTimeout(name: string, ms: number | undefined): void {
  if (ms === undefined) return;
  if (typeof ms !== "number") throw new TypeError(`${name}: a number is wanted, not ${typeof ms}`);
  if (!(ms >= 0)) throw new RangeError(`${name}: ${ms} is no time to wait`);
}
