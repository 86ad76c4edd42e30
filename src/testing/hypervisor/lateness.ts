/** Keeps answers back: for a time, or until they are released. */
export class Lateness {
  readonly #ms: number | undefined;
  readonly #waiting = new Set<() => void>();

  /** Without a time it is until they are released. */
  constructor(ms?: number) {
    this.#ms = ms;
  }

  wait(): Promise<void> {
    return new Promise((resolve) => {
      // Looked up now, so that it is a fake one where the test has those.
      const timer = this.#ms === undefined ? undefined : setTimeout(() => go(), this.#ms);
      const go = () => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        resolve();
      };
      this.#waiting.add(go);
    });
  }

  /** Lets all go that waits. */
  release(): void {
    for (const go of [...this.#waiting]) go();
  }
}
