/**
 * Has jobs run one after the other, in the order in which they come. An urgent job waits only for urgent ones, and so may
 * overtake others; none overtakes an urgent one. Jobs must not reject.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #lastUrgent: Promise<unknown> = Promise.resolve();

  take(urgent: boolean, job: () => Promise<void>): void {
    if (urgent) {
      this.#lastUrgent = this.#lastUrgent.then(job);
      this.#last = Promise.all([this.#last, this.#lastUrgent]);
    } else this.#last = this.#last.then(job);
  }
}
