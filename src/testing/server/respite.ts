/** How long answering may keep everything else from being done, in ms. */
const longest = 10;

/** When the last rest has ended; by a clock of tests, that may be in the future. */
let rested = 0;

/**
 * Whether it is time to rest. In one process with its clients a server answers in microtasks alone, and these come
 * before timers, input and whatever else the program has to do.
 */
export function isTired(): boolean {
  return Math.abs(performance.now() - rested) > longest;
}

/** Lets everything else have its turn. By a message, which fake timers leave alone; a port of old may keep the turn. */
export function rest(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    const wake = () => {
      port1.close();
      rested = performance.now();
      resolve();
    };
    // Ports of other runtimes than Node are no event emitters.
    Object.assign(port1, { onmessage: wake });
    port2.postMessage(undefined);
  });
}
