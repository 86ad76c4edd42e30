import { onTestFinished, vi } from "vitest";
import { type ReconnectOptions, reconnectPlan } from "../../../src/rpc/back-off.js";
import { type Establish, LastingSession } from "../../../src/rpc/lasting-session.js";
import type { FailedAttempt, LinkWatcher, Reconnection } from "../../../src/rpc/link.js";
import type { Closed, Session, SessionOptions } from "../../../src/rpc/session.js";
import { settle } from "../transport/recorder.js";
import { type Conversation, converse } from "./conversation.js";
import type { Frame, Peer } from "./peer.js";

/** What comes of an attempt to connect: a session, an error, or what a test makes of it. */
export type Outcome = Error | ((signal: AbortSignal | undefined) => Promise<Session>);

interface LastingOptions {
  readonly reconnect?: ReconnectOptions;
  readonly session?: SessionOptions;
  readonly onFrame?: (call: Frame, peer: Peer) => void;
}

/** Waits of 100 ms, without jitter, so that tests know when what happens. */
export const plain = { initialDelayMs: 100, factor: 1, maxDelayMs: 100 };

/** Has timers, clocks and chance obey the test. */
export function fakeTime(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "hrtime"] });
  const random = vi.spyOn(Math, "random").mockReturnValue(0);
  onTestFinished(() => {
    vi.useRealTimers();
    random.mockRestore();
  });
}

/** A lasting session, and all the conversations that it has led. */
export class Lasting implements LinkWatcher {
  readonly link: LastingSession;
  readonly conversations: Conversation[] = [];
  /** What comes of the next attempts; when there is no more, sessions. */
  readonly outcomes: Outcome[] = [];
  readonly losses: Closed[] = [];
  readonly failures: FailedAttempt[] = [];
  readonly reconnections: Reconnection[] = [];
  /** What has to be done before a session is in use. */
  renewing: (session: Session) => Promise<void> = async () => {};
  attempts = 0;
  readonly #options: LastingOptions;

  constructor(options: LastingOptions = {}) {
    this.#options = options;
    const establish: Establish = async (signal) => {
      this.attempts++;
      const outcome = this.outcomes.shift();
      if (outcome instanceof Error) throw outcome;
      return outcome ? outcome(signal) : this.open();
    };
    this.link = new LastingSession(this.open(), establish, reconnectPlan({ ...plain, ...options.reconnect }));
    this.link.watch(this);
    onTestFinished(() => this.link.close());
  }

  /** The latest one. */
  get now(): Conversation {
    return this.conversations.at(-1)!;
  }

  open(): Session {
    const conversation = converse(this.#options.session, this.#options.onFrame);
    this.conversations.push(conversation);
    return conversation.session;
  }

  lost(loss: Closed): void {
    this.losses.push(loss);
  }

  attemptFailed(failure: FailedAttempt): void {
    this.failures.push(failure);
  }

  reconnected(reconnection: Reconnection): void {
    this.reconnections.push(reconnection);
  }

  /** The daemon goes. */
  async lose(): Promise<void> {
    this.now.peer.end();
    await this.now.session.closed;
    await settle();
  }

  /** As many waits go by. */
  async pass(waits = 1): Promise<void> {
    for (let wait = 0; wait < waits; wait++) {
      await vi.advanceTimersByTimeAsync(100);
      await settle();
    }
  }
}
