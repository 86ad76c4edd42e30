import { setTimeout as sleep } from "node:timers/promises";
import { onAbort } from "../../rpc/deadline.js";
import type { Domain } from "../domain.js";

/** The time between attempts to abort, in ms. */
const retryMs = 100;

/**
 * Runs the call that has a domain's daemon migrate it, which lasts. When the signal aborts meanwhile, so does the
 * daemon's job; the call is waited for all the same, because only its end tells on which side the domain is. Rejects
 * with the signal's reason where the abort was in time.
 */
export async function abortable<T>(
  domain: Domain,
  signal: AbortSignal | undefined,
  call: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const ended = new AbortController();
  const ignore = signal && onAbort(signal, () => void abortJob(domain, ended.signal));
  try {
    return await call();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    ignore?.();
    ended.abort();
  }
}

/** Never rejects. The daemon refuses as long as it has not begun, and where it is too late. */
async function abortJob(domain: Domain, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    try {
      await domain.abortJob();
      return;
    } catch {
      await sleep(retryMs, undefined, { signal: ended }).catch(() => {});
    }
  }
}
