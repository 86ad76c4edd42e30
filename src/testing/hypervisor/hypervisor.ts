import { ConnectionError } from "../../errors.js";
import { ErrorNumber } from "../../generated/constants.js";
import { createDriver } from "../driver/driver.js";
import type { EventName } from "../driver/events.js";
import type { ClientState } from "../driver/state.js";
import type { World } from "../driver/world.js";
import { type Served, type ServeOptions, serve } from "../serve.js";
import type { Client } from "../server/client.js";
import { DriverError } from "../server/driver-error.js";
import { warn } from "../server/embedded.js";
import { Server } from "../server/server.js";
import type { TestCall, WaitOptions } from "./call-log.js";
import type { CallName } from "./call-names.js";
import { type EmittedEvent, emit } from "./emitted.js";
import { TestGuest } from "./guest.js";
import { otherEventHandlers } from "./other-events.js";
import { register } from "./registry.js";
import type { Rule, RuleOptions } from "./rules.js";
import { type DropTime, Script } from "./script.js";
import { ScriptedHandlers } from "./scripted-handlers.js";
import { createWorld, OneWorld, type WorldSource } from "./world-source.js";

export interface TestHypervisorOptions {
  /** What is there at the beginning; if left out, what `test:///default` has: a domain named `test`, which runs. */
  readonly world?: WorldSource;
}

/** Answers that are kept back. */
export interface HeldAnswers extends Rule {
  /** Lets go of those that have been kept back. More are kept back as before, until `remove`. */
  release(): void;
}

/**
 * Creates a hypervisor for a test: a world of its own in memory, to which programs connect as to any other by its `uri`.
 *
 * @throws TypeError for what is no world; DriverError for XML that libvirt would not take.
 */
export async function createTestHypervisor(options: TestHypervisorOptions = {}): Promise<TestHypervisor> {
  for (const name of Object.keys(options)) {
    if (name !== "world") throw new TypeError(`There is no option ${name}, but world`);
  }
  return new TestHypervisor(await createWorld(options.world));
}

/**
 * A hypervisor that does what a test wants: libvirt's test driver in this process, with a script before it.
 *
 * Calls are told by the names of the methods that make them, `Domain.create`, by those of libvirt's procedures,
 * `REMOTE_PROC_DOMAIN_CREATE`, or by `*`, which is every call. A name that is none is a TypeError.
 */
export class TestHypervisor implements AsyncDisposable {
  /** What to connect to: `await connect(hypervisor.uri)`, with any options, in this process. */
  readonly uri: string;
  readonly #world: World;
  readonly #script = new Script();
  readonly #handlers: ScriptedHandlers<ClientState>;
  readonly #server: Server<ClientState>;
  readonly #served = new Set<Served>();
  readonly #clients = new Set<Client>();
  readonly #forget: () => void;
  #isStopped = false;

  /** @internal See {@link createTestHypervisor}. */
  constructor(world: World) {
    const { uri, forget } = register(() => this.#open());
    this.uri = uri;
    this.#forget = forget;
    this.#world = world;
    const driver = createDriver(new OneWorld(world, uri));
    otherEventHandlers(driver);
    this.#handlers = new ScriptedHandlers(driver, this.#script, (client) => this.#arrived(client));
    this.#server = new Server({ handlers: this.#handlers, keepAlive: false, onError: warn });
  }

  /** The calls that have come since the last `clearCalls`, in their order, those that connect included. */
  get calls(): readonly TestCall[] {
    return this.#script.log.calls;
  }

  /** Forgets the calls that have come. */
  clearCalls(): void {
    this.#script.log.clear();
  }

  /**
   * Resolves with a call as soon as it has come; one that is among `calls` has. It need not have been answered then.
   */
  waitForCall(call: CallName, options: WaitOptions = {}): Promise<TestCall> {
    return this.#script.log.wait(call, options);
  }

  /**
   * Has calls fail instead of being done.
   *
   * @param error - One of `ErrorNumber`, or an error in full.
   */
  fail(call: CallName, error: number | DriverError, options: RuleOptions = {}): Rule {
    if (error instanceof DriverError) return this.#script.failures.add(call, options, error);
    if (!Object.values<unknown>(ErrorNumber).includes(error) || error === ErrorNumber.OK) {
      throw new TypeError(`${String(error)} is no error: one of ErrorNumber is wanted, or a DriverError`);
    }
    return this.#script.failures.add(call, options, new DriverError(error, "the test wants it so"));
  }

  /** Has calls done at once, and answered so many milliseconds later. Other calls do not wait for that. */
  delay(call: CallName, ms: number, options: RuleOptions = {}): Rule {
    if (!(Number.isFinite(ms) && ms >= 0)) throw new RangeError(`ms: ${ms} is no time to wait`);
    return this.#script.keepBack(call, options, ms).rule;
  }

  /** Has calls done at once, and answered when they are released, which may be never. Other calls do not wait for that. */
  hold(call: CallName, options: RuleOptions = {}): HeldAnswers {
    const { rule, release } = this.#script.keepBack(call, options);
    return Object.assign(rule, { release });
  }

  /** Drops all connections, now. What is under way has been done, but is not answered. */
  drop(): void {
    for (const client of this.#clients) client.drop();
  }

  /** Has calls end the connections that they come by: before they are done, after their answer, or in its midst. */
  dropAt(call: CallName, when: DropTime, options: RuleOptions = {}): Rule {
    if (!["before", "after", "midReply"].includes(when)) {
      throw new TypeError(`${String(when)}: before, after or midReply is wanted`);
    }
    return this.#script.drops.add(call, options, when);
  }

  /** As when the daemon is stopped: connections are dropped, and nobody can connect. Domains run on. */
  stop(): void {
    this.#isStopped = true;
    this.drop();
  }

  /** As when the daemon is started again. */
  start(): void {
    this.#isStopped = false;
  }

  /** As when the daemon is restarted: all connections are dropped, and who connects again finds everything as it was. */
  restart(): void {
    this.stop();
    this.start();
  }

  /** Tells of an event that did not happen, to those who have registered for such. To have one happen, see `guest`. */
  emit<Name extends EventName>(name: Name, event: EmittedEvent<Name>): void {
    emit(this.#world, name, event);
  }

  /** What runs in a domain, to have it do something by itself. */
  guest(domain: string): TestGuest {
    return new TestGuest(this.#world, domain);
  }

  /** Ends all that was wanted of calls, releases what is kept back, and forgets the calls. The world stays as it is. */
  reset(): void {
    this.#script.reset();
  }

  /** Lets other processes connect: as `serve` does, until this is closed. */
  async serve(options: Omit<ServeOptions<never>, "handlers">): Promise<Served> {
    const served = await serve({ onError: warn, ...options, handlers: this.#handlers });
    this.#served.add(served);
    return served;
  }

  /** Drops all connections; nobody can connect any more. */
  async close(): Promise<void> {
    this.stop();
    this.#forget();
    this.reset();
    await Promise.all([this.#server, ...this.#served].map((each) => each.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open() {
    if (!this.#isStopped) return this.#server.connect();
    throw new ConnectionError(`Cannot connect to ${this.uri}: the hypervisor has been stopped by its test`);
  }

  #arrived(client: Client): void {
    if (this.#isStopped) client.drop();
    this.#clients.add(client);
    client.onClose(() => this.#clients.delete(client));
  }
}
