/** What may wait in a queue: it knows its neighbours there. */
export interface Queued<Call> {
  before: Call | undefined;
  after: Call | undefined;
}

/** Calls that wait for their turn, each of which may leave at any time. */
export class CallQueue<Call extends Queued<Call>> {
  #first: Call | undefined;
  #last: Call | undefined;

  push(call: Call): void {
    call.before = this.#last;
    if (this.#last) this.#last.after = call;
    else this.#first = call;
    this.#last = call;
  }

  /** The one whose turn it is, if anybody waits. */
  shift(): Call | undefined {
    const call = this.#first;
    if (call) this.remove(call);
    return call;
  }

  remove(call: Call): void {
    if (call.before) call.before.after = call.after;
    else this.#first = call.after;
    if (call.after) call.after.before = call.before;
    else this.#last = call.before;
    call.before = undefined;
    call.after = undefined;
  }
}
