const smallest = 16;
const lastSerial = 0xffffffff;

/**
 * The calls that are with the daemon, by their serials, whose last bits say where in an array a call has its place.
 *
 * It is no Map because of the garbage: V8 links the tables that a Map has outgrown to those that came after, and when one
 * of them has grown old, all calls since then live on with their results, until the whole heap is collected.
 */
export class CallTable<Call extends { readonly serial: number }> {
  /** A power of two, and at least half of them free: a serial whose place is free is never far. */
  #places: (Call | undefined)[] = new Array(smallest).fill(undefined);
  #size = 0;
  #lastSerial = 0;

  get size(): number {
    return this.#size;
  }

  /** The serial for the next call, which is none of the others either. */
  nextSerial(others: { has(serial: number): boolean }): number {
    if (2 * this.#size >= this.#places.length) this.#grow();
    do {
      this.#lastSerial = this.#lastSerial === lastSerial ? 1 : this.#lastSerial + 1;
    } while (this.#places[this.#place(this.#lastSerial)] !== undefined || others.has(this.#lastSerial));
    return this.#lastSerial;
  }

  /** Takes in a call, whose serial is the last that there was. */
  add(call: Call): void {
    this.#places[this.#place(call.serial)] = call;
    this.#size++;
  }

  get(serial: number): Call | undefined {
    const call = this.#places[this.#place(serial)];
    return call?.serial === serial ? call : undefined;
  }

  delete(call: Call): void {
    this.#places[this.#place(call.serial)] = undefined;
    this.#size--;
  }

  /** All of them, by their serials. */
  all(): Call[] {
    const calls = this.#places.filter((call) => call !== undefined);
    return calls.sort((one, other) => one.serial - other.serial);
  }

  clear(): void {
    this.#places.fill(undefined);
    this.#size = 0;
  }

  #place(serial: number): number {
    return serial & (this.#places.length - 1);
  }

  /** What had different places has them in a larger table as well. */
  #grow(): void {
    const calls = this.#places;
    this.#places = new Array(2 * calls.length).fill(undefined);
    for (const call of calls) if (call) this.#places[this.#place(call.serial)] = call;
  }
}
