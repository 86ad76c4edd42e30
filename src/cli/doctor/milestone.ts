/** A point in something longer that others may wait for. Nobody has to. */
export class Milestone<T> {
  readonly reached: Promise<T>;
  reach!: (value: T) => void;
  fail!: (reason: unknown) => void;

  constructor() {
    this.reached = new Promise((resolve, reject) => {
      this.reach = resolve;
      this.fail = reject;
    });
    this.reached.catch(() => {});
  }
}
