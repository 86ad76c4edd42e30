import { type CallFilter, matcher, type TestCall } from "./call-log.js";
import type { CallName } from "./call-names.js";

/** Which calls something is to happen to, and how often. */
export interface RuleOptions extends CallFilter {
  /** How many calls it is for: it ends by itself then. Every one if left out. */
  readonly times?: number;
}

/** Something that is to happen to calls. */
export interface Rule {
  /** How many calls it has happened to. */
  readonly used: number;
  /** Ends it. */
  remove(): void;
}

/**
 * What is to happen to calls, of one kind. Those that are for a number of calls come before those that are for every
 * call, and otherwise what was said first; so one can say what is the rule and, later, an exception to it.
 */
export class Rules<Effect> {
  readonly #rules: OneRule<Effect>[] = [];

  add(name: CallName, options: RuleOptions, effect: Effect): Rule {
    const { times } = options;
    if (times !== undefined && !(Number.isSafeInteger(times) && times > 0)) {
      throw new RangeError(`times: ${times} is no number of calls`);
    }
    const matches = matcher(name, options);
    const rule: OneRule<Effect> = {
      ...{ matches, times, effect, used: 0 },
      remove: () => this.#remove(rule),
    };
    this.#rules.push(rule);
    return rule;
  }

  /** What is to happen to this call, if anything is. */
  take(call: TestCall): Effect | undefined {
    const fitting = this.#rules.filter(({ matches }) => matches(call));
    const rule = fitting.find(({ times }) => times !== undefined) ?? fitting[0];
    if (!rule) return undefined;
    rule.used += 1;
    if (rule.used === rule.times) this.#remove(rule);
    return rule.effect;
  }

  clear(): void {
    this.#rules.length = 0;
  }

  #remove(rule: OneRule<Effect>): void {
    const at = this.#rules.indexOf(rule);
    if (at >= 0) this.#rules.splice(at, 1);
  }
}

interface OneRule<Effect> extends Rule {
  readonly matches: (call: TestCall) => boolean;
  readonly times: number | undefined;
  readonly effect: Effect;
  used: number;
}
