import { connectOpen } from "../../protocol/generated/remote.js";
import type { Procedure } from "../../protocol/procedure.js";
import type { Client } from "../server/client.js";
import type { DriverError } from "../server/driver-error.js";
import { LateAnswer, type OpenedStream } from "../server/handlers.js";
import { internalError } from "../server/refusals.js";
import { CallLog, type Entry } from "./call-log.js";
import type { CallName } from "./call-names.js";
import { Lateness } from "./lateness.js";
import { type Rule, type RuleOptions, Rules } from "./rules.js";

/**
 * When a call ends its connection: `before` it is done, `after` it has been answered, or `midReply`, when a part of its
 * answer has been sent.
 */
export type DropTime = "before" | "after" | "midReply";

/** What came of a call. */
type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** What stands between the calls that come and the driver: writes them down, and does to them what the test wants. */
export class Script {
  readonly log = new CallLog();
  readonly failures = new Rules<DriverError>();
  readonly drops = new Rules<DropTime>();
  readonly #lateness = new Rules<Lateness>();
  readonly #late = new Set<Lateness>();

  /** Keeps answers back, for a time or until they are released. */
  keepBack(name: CallName, options: RuleOptions, ms?: number): { readonly rule: Rule; release(): void } {
    const lateness = new Lateness(ms);
    const rule = this.#lateness.add(name, options, lateness);
    this.#late.add(lateness);
    return { rule, release: () => lateness.release() };
  }

  /** Has a call done, unless it is to fail, and says how it is to be answered. */
  async play(
    procedure: Procedure<unknown, unknown>,
    args: unknown,
    client: Client,
    perform: () => unknown,
  ): Promise<unknown> {
    const call = this.log.add(procedure.name, args, client.id);
    const drop = this.drops.take(call);
    const failure = this.failures.take(call);
    const released = this.#lateness.take(call)?.wait();
    if (drop === "before") {
      client.drop();
      throw internalError("the connection was dropped");
    }
    const outcome = await outcomeOf(failure ? () => Promise.reject(failure) : perform);
    const answer = () => {
      if (drop) client.endWithAnswer(drop === "after" ? "behind" : "within");
      return answered(call, procedure, outcome);
    };
    if (!released) return answer();
    const late = released.then(answer);
    // Who has not opened the hypervisor yet has no other calls that could be answered before.
    return isOpening(call) ? late : new LateAnswer(late);
  }

  /** Forgets all that was wanted and all that was called, and keeps nothing back any more. */
  reset(): void {
    for (const rules of [this.failures, this.drops, this.#lateness]) rules.clear();
    for (const lateness of this.#late) lateness.release();
    this.#late.clear();
    this.log.clear();
  }
}

async function outcomeOf(perform: () => unknown): Promise<Outcome> {
  try {
    return { value: await perform() };
  } catch (error) {
    return { error };
  }
}

/** Writes the outcome down, and returns or throws it. */
function answered(call: Entry, { stream }: Procedure<unknown, unknown>, outcome: Outcome): unknown {
  if ("error" in outcome) {
    call.state = "failed";
    call.error = outcome.error;
    throw outcome.error;
  }
  const { value } = outcome;
  call.state = "done";
  // What opening makes is the driver's own.
  if (!isOpening(call)) call.result = stream ? (value as OpenedStream<unknown>).reply : value;
  return value;
}

const isOpening = ({ procedure }: Entry) => procedure === connectOpen.name;
