/** When and how often to try to connect again, and what becomes of calls meanwhile. */
export interface ReconnectOptions {
  /** How many milliseconds to wait at most before the first attempt; 250 if left out. */
  readonly initialDelayMs?: number | undefined;
  /** What each wait is longer than the one before by; 2 if left out. */
  readonly factor?: number | undefined;
  /** The longest wait, in milliseconds; 30,000 if left out. */
  readonly maxDelayMs?: number | undefined;
  /** How many attempts to make before the connection is given up; without end if left out. */
  readonly maxAttempts?: number | undefined;
  /** How many milliseconds an attempt may take, logging in included; 10,000 if left out. */
  readonly attemptTimeoutMs?: number | undefined;
  /**
   * Which calls to make again when the connection is lost while they are with the daemon: `never` (if left out), or
   * `idempotent`, those that only tell of something. All others fail, because they may have been done.
   */
  readonly retry?: "idempotent" | "never" | undefined;
  /** How many calls may wait for the connection to come back; 1000 if left out. Others fail at once. */
  readonly maxWaiting?: number | undefined;
}

/** The same, with what was left out. */
export type ReconnectPlan = {
  readonly [Option in keyof ReconnectOptions]-?: NonNullable<ReconnectOptions[Option]>;
};

const usual: ReconnectPlan = {
  initialDelayMs: 250,
  factor: 2,
  maxDelayMs: 30_000,
  maxAttempts: Number.POSITIVE_INFINITY,
  attemptTimeoutMs: 10_000,
  retry: "never",
  maxWaiting: 1000,
};

/** What a timer can be set to. */
const longestTimer = 0x7fffffff;

const bounds: Readonly<
  Record<Exclude<keyof ReconnectPlan, "retry">, readonly [least: number, most: number]>
> = {
  initialDelayMs: [0, longestTimer],
  factor: [1, Number.MAX_VALUE],
  maxDelayMs: [0, longestTimer],
  maxAttempts: [1, Number.POSITIVE_INFINITY],
  attemptTimeoutMs: [1, longestTimer],
  maxWaiting: [0, Number.POSITIVE_INFINITY],
};

/** Fills in what was left out. Throws a TypeError or a RangeError for what cannot be. */
export function reconnectPlan(options: ReconnectOptions | boolean): ReconnectPlan {
  if (options === true) return usual;
  if (typeof options !== "object" || options === null) {
    throw new TypeError("reconnect: true, false or an object with options is wanted");
  }
  const plan: Record<string, unknown> = { ...usual };
  for (const [name, value] of Object.entries(options)) {
    if (!(name in usual)) {
      throw new RangeError(`reconnect: there is no option ${name}, but ${Object.keys(usual).join(", ")}`);
    }
    if (value === undefined) continue;
    check(name as keyof ReconnectPlan, value);
    plan[name] = value;
  }
  return plan as ReconnectPlan;
}

function check(name: keyof ReconnectPlan, value: unknown): void {
  if (name === "retry") {
    if (value !== "never" && value !== "idempotent") {
      throw new RangeError(`reconnect.retry: it is "never" or "idempotent"`);
    }
    return;
  }
  if (typeof value !== "number") {
    throw new TypeError(`reconnect.${name}: a number is wanted, not ${typeof value}`);
  }
  const [least, most] = bounds[name];
  if (!(value >= least && value <= most)) {
    throw new RangeError(`reconnect.${name}: ${value} is not between ${least} and ${most}`);
  }
}

/** How long to wait before each attempt. */
export class BackOff {
  readonly #plan: ReconnectPlan;
  #ceilingMs: number;

  constructor(plan: ReconnectPlan) {
    this.#plan = plan;
    this.#ceilingMs = plan.initialDelayMs;
  }

  /**
   * A wait between half of what it may be and all of that: when a daemon goes, all of its clients notice at once, and
   * they must not all come back at once.
   */
  next(): number {
    const { factor, maxDelayMs } = this.#plan;
    const ceilingMs = Math.min(this.#ceilingMs, maxDelayMs);
    this.#ceilingMs = ceilingMs * factor;
    return ceilingMs * (1 - Math.random() / 2);
  }

  /** A daemon that takes us in and is gone again at once is not to be asked as if it had been well. */
  heldFor(ms: number): void {
    if (ms >= this.#plan.maxDelayMs) this.#ceilingMs = this.#plan.initialDelayMs;
  }
}
