import { LibvirtError, VirtwireError } from "../../errors.js";
import { DomainMigrateFlags, DomainState, ErrorNumber } from "../../generated/constants.js";
import type { NonnullDomain } from "../../protocol/generated/remote.js";
import type { Domain } from "../domain.js";
import { abortable } from "./abortable.js";
import type { MigrationSteps } from "./steps.js";

const noCookie = new Uint8Array(0);

/** What only the source acts on. */
const sourceOnly = DomainMigrateFlags.ABORT_ON_ERROR | DomainMigrateFlags.AUTO_CONVERGE;

/** One of the two daemons. */
interface Side {
  /** It has begun something that it does not end by itself. */
  waits: boolean;
}

/**
 * A migration that this client leads from step to step, between two daemons that need not know of each other.
 *
 * No step is called with the caller's signal: to walk away from one would leave a daemon in the middle. An abort is
 * heeded between steps, and while the guest is being sent; what was begun is then taken back on both sides. From the
 * moment that the destination is told to run the guest it is too late, and the migration goes through.
 */
export class ManagedMigration {
  readonly #domain: Domain;
  readonly #steps: MigrationSteps;
  readonly #signal: AbortSignal | undefined;
  readonly #protection: number;
  #flags: number;
  #cookie: Uint8Array = noCookie;
  readonly #source: Side = { waits: false };
  readonly #destination: Side = { waits: false };

  constructor(
    domain: Domain,
    steps: MigrationSteps,
    options: {
      readonly flags: number;
      /** Whether the source shall refuse changes to the domain in all the time from begin to confirm. */
      readonly protect: boolean;
      readonly signal: AbortSignal | undefined;
    },
  ) {
    this.#domain = domain;
    this.#steps = steps;
    this.#flags = options.flags;
    this.#protection = options.protect ? DomainMigrateFlags.CHANGE_PROTECTION : 0;
    this.#signal = options.signal;
  }

  /** Resolves with the domain at its destination. */
  async run(): Promise<NonnullDomain> {
    try {
      await this.#send();
    } catch (error) {
      return this.#cancel(error);
    }
    let dom: NonnullDomain;
    try {
      dom = await this.#finish(false);
    } catch (error) {
      // If nothing but the answer was lost the guest runs there too. libvirt leaves that to its lock managers.
      await this.#confirm(true);
      throw error;
    }
    await this.#confirm(false);
    return dom;
  }

  async #send(): Promise<void> {
    this.#signal?.throwIfAborted();
    const { xml } = await this.#step(this.#source, () => this.#steps.begin(this.#sourceFlags));
    if (await this.#isPaused()) this.#flags |= DomainMigrateFlags.PAUSED;

    this.#signal?.throwIfAborted();
    const prepare = (cookie: Uint8Array) => this.#steps.prepare(cookie, xml, this.#destinationFlags);
    await this.#step(this.#destination, prepare);

    if (this.#has(DomainMigrateFlags.OFFLINE)) {
      this.#cookie = noCookie; // it was for the step that is left out
    } else {
      const perform = (cookie: Uint8Array) => this.#steps.perform(cookie, this.#sourceFlags);
      await abortable(this.#domain, this.#signal, () => this.#step(this.#source, perform));
      // The guest may run at its destination already, and there alone.
      if (this.#has(DomainMigrateFlags.POSTCOPY)) return;
    }
    this.#signal?.throwIfAborted();
  }

  /** Takes back what was begun. Rejects with what went wrong first, whatever goes wrong now. */
  async #cancel(error: unknown): Promise<NonnullDomain> {
    this.#cookie = noCookie; // it may be that of the very side that is spoken to next
    if (this.#destination.waits) {
      try {
        const dom = await this.#finish(true);
        // It runs the guest regardless, and so the source must not.
        await this.#confirm(false);
        return dom;
      } catch (second) {
        addCause(error, second);
      }
    }
    await this.#confirm(true);
    throw error;
  }

  async #finish(cancelled: boolean): Promise<NonnullDomain> {
    const finish = (cookie: Uint8Array) => this.#steps.finish(cookie, this.#destinationFlags, cancelled);
    const { dom } = await this.#step(this.#destination, finish);
    return dom;
  }

  /** Never rejects: at worst the domain stays paused at the source, and that is not what the caller has to know. */
  async #confirm(cancelled: boolean): Promise<void> {
    if (!this.#source.waits) return;
    const cookie = this.#takeCookie();
    await this.#steps.confirm(cookie, this.#sourceFlags, cancelled).catch(() => {});
  }

  /** Runs a step with the cookie of the one before. */
  async #step<T extends { readonly cookieOut: Uint8Array }>(
    side: Side,
    run: (cookieIn: Uint8Array) => Promise<T>,
  ): Promise<T> {
    try {
      const result = await run(this.#takeCookie());
      this.#cookie = result.cookieOut;
      side.waits = true;
      return result;
    } catch (error) {
      // A daemon that refuses has put its side in order. One that did not answer, or not so that it makes sense, may
      // have done its step. Anything else is a call that was never sent.
      if (error instanceof LibvirtError) side.waits = false;
      else if (error instanceof VirtwireError) side.waits = true;
      throw error;
    }
  }

  #takeCookie(): Uint8Array {
    const cookie = this.#cookie;
    this.#cookie = noCookie;
    return cookie;
  }

  /** Whether the guest is to be paused at its destination as well. */
  async #isPaused(): Promise<boolean> {
    if (this.#has(DomainMigrateFlags.POSTCOPY_RESUME)) return false;
    const state = await this.#domain.getState().catch(() => undefined);
    return state?.state === DomainState.PAUSED;
  }

  get #sourceFlags(): number {
    return (this.#flags | this.#protection) >>> 0;
  }

  get #destinationFlags(): number {
    return (this.#flags & ~sourceOnly) >>> 0;
  }

  #has(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }
}

/**
 * A guest whose memory does not arrive has either side fail because of the other, and nobody knows which one came
 * first. The error stays the source's; what the destination says goes with it.
 */
function addCause(error: unknown, second: unknown): void {
  if (!(error instanceof LibvirtError) || error.code !== ErrorNumber.OPERATION_FAILED) return;
  if (second instanceof LibvirtError && second.code !== ErrorNumber.MIGRATE_FINISH_OK) error.cause = second;
}
