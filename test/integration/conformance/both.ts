import { expect } from "vitest";
import { ErrorNumber, type LibvirtErrorFields } from "../../../src/index.js";
import { normalise, type Outcome, outcome, PyObject } from "../../support/differential.js";
import { align, blur } from "./align.js";
import { api, type Coverage } from "./coverage.js";
import { irregular } from "./irregular.js";

/** A function of C's, alone or with the arguments after its first. */
export type Call = string | readonly [c: string, ...args: readonly unknown[]];

export function parts(call: Call): readonly [c: string, ...args: readonly unknown[]] {
  return typeof call === "string" ? [call] : call;
}

/** An argument or a result that is not the same for each. */
export class Each {
  readonly ours: unknown;
  readonly theirs: unknown;
  readonly twin: unknown;

  constructor(ours: unknown, theirs: unknown, twin: unknown) {
    this.ours = ours;
    this.theirs = theirs;
    this.twin = twin;
  }
}

/**
 * One thing of libvirt's, three times: as virtwire has it, as the C client has it on the same daemon, and as the C
 * client has its twin on a second daemon, to which all the same has happened.
 */
export class Both {
  readonly ours: object;
  readonly theirs: PyObject;
  readonly twin: PyObject;
  readonly #daemon: string;
  readonly #coverage: Coverage;

  constructor(ours: object, theirs: PyObject, twin: PyObject, daemon: string, coverage: Coverage) {
    this.ours = ours;
    this.theirs = theirs;
    this.twin = twin;
    this.#daemon = daemon;
    this.#coverage = coverage;
  }

  /** Calls that change nothing, made through both clients on one daemon. */
  async read(...calls: readonly Call[]): Promise<void> {
    for (const call of calls) {
      const [c, ...args] = parts(call);
      const ours = await outcome(this.callOurs(c, args));
      this.#compare(c, args, ours, await outcome(this.#callTheirs("theirs", c, args)));
    }
  }

  /** Calls that change something: ours on one daemon, theirs on the other. The two are alike after each. */
  async change(...calls: readonly Call[]): Promise<void> {
    for (const call of calls) {
      await this.begin(call);
      await this.#compareStates(`after ${call}`);
    }
  }

  /** As {@link change}, for a call that returns before all is done: the two go at their own pace then. */
  async begin(call: Call): Promise<void> {
    const [c, ...args] = parts(call);
    const [ours, theirs] = await Promise.all([
      outcome(this.callOurs(c, args)),
      outcome(this.#callTheirs("twin", c, args)),
    ]);
    this.#compare(c, args, ours, theirs);
  }

  /** As {@link read}, for a call that finds another thing. */
  async find(...call: readonly [c: string, ...args: readonly unknown[]]): Promise<Both> {
    const [ours, theirs, twin] = await this.#results(call, "theirs", "twin");
    return this.with(ours, theirs, twin);
  }

  /** As {@link change}, for a call that makes what only its maker has: a stream. */
  async make(call: Call): Promise<Both> {
    const [ours, twin] = await this.#results(call, "twin");
    return this.with(ours, twin, twin);
  }

  /** As {@link read}; gives what each client returned. */
  async each(call: Call): Promise<Each> {
    const [ours, theirs] = await this.#results(call, "theirs");
    return new Each(ours, theirs, undefined);
  }

  /** As {@link change}, for what a call of ours takes to the other daemon, and theirs takes back. */
  async thereAndBack(call: Call): Promise<void> {
    const [c, ...args] = parts(call);
    const ours = await outcome(this.callOurs(c, args));
    this.#compare(c, args, ours, await outcome(this.#callTheirs("twin", c, args)));
  }

  /** Another thing of the same daemons. */
  with(ours: unknown, theirs: unknown, twin: unknown): Both {
    if (!(ours instanceof Object && theirs instanceof PyObject && twin instanceof PyObject)) {
      throw new TypeError("no thing of libvirt");
    }
    return new Both(ours, theirs, twin, this.#daemon, this.#coverage);
  }

  /** The call through virtwire alone. */
  async callOurs(c: string, args: readonly unknown[]): Promise<unknown> {
    const method = api.get(c)?.ts.split(".")[1] ?? "";
    const call: unknown = Reflect.get(this.ours, method);
    if (typeof call !== "function") throw new Error(`${this.ours.constructor.name} has no method for ${c}`);
    const result: unknown = await call.apply(this.ours, unwrap(args, "ours"));
    return irregular[c]?.ours?.(result, this.ours) ?? result;
  }

  /** Compares what comes of ours and of the first of theirs, and gives what they all returned. */
  async #results(call: Call, ...sides: readonly ("theirs" | "twin")[]): Promise<unknown[]> {
    const [c, ...args] = parts(call);
    const calls = [this.callOurs(c, args), ...sides.map((side) => this.#callTheirs(side, c, args))];
    const [ours, theirs] = await Promise.all(calls.map(outcome));
    this.#compare(c, args, ours!, theirs!);
    return Promise.all(calls);
  }

  async #callTheirs(side: "theirs" | "twin", c: string, args: readonly unknown[]): Promise<unknown> {
    const { method = c, args: rearrange, call } = irregular[c] ?? {};
    const target = this[side];
    const plain = unwrap(args, side);
    return call ? call(target, plain) : target.call(method, ...(rearrange?.(...plain) ?? plain));
  }

  #compare(c: string, args: readonly unknown[], ours: Outcome, theirs: Outcome): void {
    const { value: shape, volatile } = irregular[c] ?? {};
    const show = (one: Outcome) =>
      "value" in one ? { value: blur(one.value, volatile) } : { error: comparable(one.error) };
    const shaped = "value" in theirs && shape ? { value: normalise(shape(theirs.value)) } : theirs;
    const aligned = align(shaped, ours) as Outcome;
    expect.soft(show(ours), `${c}(${inspect(args)}) on ${this.#daemon}`).toEqual(show(aligned));
    this.#coverage.equal(c, this.#daemon, ours);
  }

  /** What our calls did to the thing must be what the C client's did to its twin. */
  async #compareStates(when: string): Promise<void> {
    const { className } = this.theirs;
    if (!api.has(`vir${className}GetXMLDesc`)) return;
    const describe = async (object: PyObject) => {
      const xml = await outcome(object.call(`vir${className}GetXMLDesc`, 0));
      const state = className === "Domain" ? await outcome(object.call("state")) : undefined;
      return blur({ xml, state }, undefined);
    };
    expect.soft(await describe(this.theirs), when).toEqual(await describe(this.twin));
  }
}

/** Where a daemon's error has no message, each client has words of its own; and each its own numbers for files. */
function comparable(error: LibvirtErrorFields): LibvirtErrorFields {
  const unexplained = error.code === ErrorNumber.INTERNAL_ERROR && error.domain === 0;
  const message = unexplained ? null : (error.message?.replace(/^fd \d+ /, "fd N ") ?? null);
  return { ...error, message };
}

function unwrap(args: readonly unknown[], side: "ours" | "theirs" | "twin"): unknown[] {
  return args.map((arg) => {
    if (Array.isArray(arg)) return unwrap(arg, side);
    return arg instanceof Both || arg instanceof Each ? arg[side] : arg;
  });
}

function inspect(args: readonly unknown[]): string {
  return unwrap(args, "ours")
    .map((arg) => (typeof arg === "string" ? JSON.stringify(arg.slice(0, 40)) : String(arg)))
    .join(", ");
}
