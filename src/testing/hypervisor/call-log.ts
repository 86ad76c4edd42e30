import type { NonnullDomain } from "../../protocol/generated/remote.js";
import { formatUuid } from "../../uuid.js";
import { type CallName, callName, type MethodName, type ProcedureName, proceduresOf } from "./call-names.js";

/** A call that the hypervisor has got. */
export interface TestCall {
  /** The method that makes such calls: `Domain.create`; of some the procedure, because they are part of something else. */
  readonly name: MethodName | ProcedureName;
  readonly procedure: ProcedureName;
  /** As they came over the wire: an object with the names of libvirt's interface files, or undefined where there are none. */
  readonly args: unknown;
  /** The domain that it is about, if it is about one. */
  readonly domain: { readonly name: string; readonly uuid: string } | undefined;
  /** Who makes it: connections are counted from 1. One that is made again is another one. */
  readonly client: number;
  /** When it came, as `Date.now()` has it. */
  readonly at: number;
  /** Whether it has been answered, and how. A call whose connection was dropped stays `pending`. */
  readonly state: "pending" | "done" | "failed";
  /** What it was answered with, as it goes over the wire. */
  readonly result: unknown;
  /** What it failed with: a {@link DriverError}, unless it is a mistake in a handler. */
  readonly error: unknown;
}

/** Which calls of a name. */
export interface CallFilter {
  /** Only those about this domain: its name or UUID, or the domain itself. */
  readonly domain?: string | { readonly uuid: string };
  /** Only those that this says yes to. */
  readonly where?: (call: TestCall) => boolean;
}

/** How to wait for a call. */
export interface WaitOptions extends CallFilter {
  /** How many such calls are to have come; one if left out. */
  readonly times?: number;
  /** Ends the waiting, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A call, as it is written down while it goes on. */
export type Entry = { -readonly [Key in keyof TestCall]: TestCall[Key] };

const optionNames: readonly string[] = ["domain", "where", "times", "signal"];

/** Says which calls are meant, or throws a TypeError. */
export function matcher(name: CallName, options: CallFilter): (call: TestCall) => boolean {
  const procedures = proceduresOf(name);
  const unknown = Object.keys(options).find((option) => !optionNames.includes(option));
  if (unknown !== undefined) throw new TypeError(`There is no option ${unknown}`);
  const { domain, where } = options;
  const wanted = typeof domain === "object" ? domain?.uuid : domain;
  if (domain !== undefined && typeof wanted !== "string") {
    throw new TypeError("domain: its name or UUID is wanted, or a domain");
  }
  if (where !== undefined && typeof where !== "function") throw new TypeError("where: a function is wanted");
  return (call) =>
    (procedures?.has(call.procedure) ?? true) &&
    (wanted === undefined || wanted === call.domain?.name || wanted === call.domain?.uuid) &&
    (where?.(call) ?? true);
}

/** The calls that have come, and those who wait for one. */
export class CallLog {
  #calls: TestCall[] = [];
  readonly #waiting = new Set<() => void>();

  get calls(): readonly TestCall[] {
    return [...this.#calls];
  }

  clear(): void {
    this.#calls = [];
  }

  /** Writes a call down as it comes. */
  add(procedure: string, args: unknown, client: number): Entry {
    const known = procedure as ProcedureName;
    const entry: Entry = {
      ...{ name: callName(known), procedure: known, args, domain: domainOf(procedure, args) },
      ...{ client, at: Date.now(), state: "pending", result: undefined, error: undefined },
    };
    this.#calls.push(entry);
    for (const look of [...this.#waiting]) look();
    return entry;
  }

  /** Resolves with the last of so many calls, as soon as they have come. */
  async wait(name: CallName, options: WaitOptions): Promise<TestCall> {
    const matches = matcher(name, options);
    const { times = 1, signal } = options;
    if (!Number.isSafeInteger(times) || times < 1)
      throw new RangeError(`times: ${times} is no number of calls`);
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(look);
        reject(signal?.reason);
      };
      const look = () => {
        const found = this.#calls.filter(matches)[times - 1];
        if (!found) return;
        this.#waiting.delete(look);
        signal?.removeEventListener("abort", abort);
        resolve(found);
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiting.add(look);
      look();
    });
  }
}

interface Named {
  readonly dom?: NonnullDomain | null;
  readonly ddom?: NonnullDomain;
  readonly snap?: { readonly dom: NonnullDomain };
  readonly checkpoint?: { readonly dom: NonnullDomain };
  readonly name?: string;
  readonly uuid?: Uint8Array;
}

/** The domain that a call is about. One that is looked up has only one of its names. */
function domainOf(procedure: string, args: unknown): TestCall["domain"] {
  const { dom, ddom, snap, checkpoint, name = "", uuid } = (args ?? {}) as Named;
  const found = dom ?? ddom ?? snap?.dom ?? checkpoint?.dom;
  if (found) return { name: found.name, uuid: formatUuid(found.uuid) };
  if (!/_DOMAIN_LOOKUP_BY_(NAME|UUID)$/.test(procedure)) return undefined;
  return { name, uuid: uuid ? formatUuid(uuid) : "" };
}
