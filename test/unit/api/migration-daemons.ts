import { Domain } from "../../../src/api/domain.js";
import { DomainState, ErrorDomain, ErrorNumber } from "../../../src/generated/constants.js";
import * as remote from "../../../src/protocol/generated/remote.js";
import type { Procedure } from "../../../src/protocol/procedure.js";
import { DriverFeature } from "../../../src/rpc/feature.js";
import { type Answer, RawReply, refusal, ScriptedDaemon } from "./scripted-daemon.js";

/** What QEMU's driver says yes to. */
export const qemuFeatures: readonly number[] = [
  DriverFeature.MIGRATION_P2P,
  DriverFeature.MIGRATION_V3,
  DriverFeature.MIGRATE_CHANGE_PROTECTION,
  DriverFeature.MIGRATION_OFFLINE,
  DriverFeature.MIGRATION_PARAMS,
];

/** The features that are left without some. */
export function without(...features: number[]): number[] {
  return qemuFeatures.filter((feature) => !features.includes(feature));
}

export const guest = { name: "guest", uuid: new Uint8Array(16).fill(7), id: 3 };
export const movedGuest = { ...guest, id: 9 };

/** What each step gives for the next one. */
export const cookies = {
  begin: Uint8Array.of(1),
  prepare: Uint8Array.of(2, 2),
  perform: Uint8Array.of(3, 3, 3),
  finish: Uint8Array.of(4, 4, 4, 4),
};

/** One of the calls that matter. */
export interface Heard {
  /** `begin`, `prepare`, `perform`, `finish`, `confirm`, the last two also with ` cancelled`, or `abort job`. */
  readonly step: string;
  readonly procedure: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface PairOptions {
  readonly sourceFeatures?: readonly number[];
  readonly destinationFeatures?: readonly number[];
  readonly state?: DomainState;
}

/** Two daemons that a domain can migrate between, and a record of what they were told. */
export class MigrationPair {
  readonly source = new ScriptedDaemon("test+tcp://source/default");
  readonly destination = new ScriptedDaemon("test+tcp://destination/default");
  readonly domain = new Domain(this.source.connection, guest);
  readonly heard: Heard[] = [];
  /** How many calls there were of any kind. */
  calls = 0;
  readonly #others = new Map<string, () => unknown>();

  constructor({
    sourceFeatures = qemuFeatures,
    destinationFeatures = qemuFeatures,
    state = DomainState.RUNNING,
  }: PairOptions = {}) {
    const { source, destination } = this;
    this.#features(source, sourceFeatures);
    this.#features(destination, destinationFeatures);
    source.on(remote.domainGetState, () => ({ state, reason: 0 }));
    destination.on(remote.domainLookupByName, ({ name }) => ({ dom: { ...movedGuest, name } }));
    this.#listen(source, "abort job", remote.domainAbortJob, undefined);

    const begun = { cookieOut: cookies.begin, xml: "<domain/>" };
    this.#listen(source, "begin", remote.domainMigrateBegin3Params, begun);
    this.#listen(source, "begin", remote.domainMigrateBegin3, begun);
    const prepared = { cookieOut: cookies.prepare, uriOut: "tcp:destination:49152" };
    this.#listen(destination, "prepare", remote.domainMigratePrepare3Params, prepared);
    this.#listen(destination, "prepare", remote.domainMigratePrepare3, prepared);
    const performed = { cookieOut: cookies.perform };
    this.#listen(source, "perform", remote.domainMigratePerform3Params, performed);
    this.#listen(source, "perform", remote.domainMigratePerform3, performed);
    const finished = { cookieOut: cookies.finish, dom: movedGuest };
    this.#listen(destination, "finish", remote.domainMigrateFinish3Params, finished);
    this.#listen(destination, "finish", remote.domainMigrateFinish3, finished);
    this.#listen(source, "confirm", remote.domainMigrateConfirm3Params, undefined);
    this.#listen(source, "confirm", remote.domainMigrateConfirm3, undefined);
    this.at("finish cancelled", () => {
      throw refusal(ErrorNumber.MIGRATE_FINISH_OK, ErrorDomain.QEMU, "aborted");
    });
  }

  /** Does something when a step is called; what it gives, unless undefined, is answered in the usual answer's place. */
  at(step: string, action: () => unknown): this {
    this.#others.set(step, action);
    return this;
  }

  /** The steps that were called, in their order. */
  get steps(): string[] {
    return this.heard.map(({ step }) => step);
  }

  /** The arguments of a step. */
  args(step: string): Readonly<Record<string, unknown>> {
    const found = this.heard.find((one) => one.step === step);
    if (!found) throw new Error(`nobody called ${step}`);
    return found.args;
  }

  #features(daemon: ScriptedDaemon, features: readonly number[]): void {
    daemon.on(remote.connectSupportsFeature, ({ feature }) => {
      this.calls++;
      return { supported: Number(features.includes(feature)) };
    });
  }

  #listen<Args extends object, Ret>(
    daemon: ScriptedDaemon,
    name: string,
    procedure: Procedure<Args, Ret>,
    usual: Ret,
  ): void {
    daemon.on(procedure, async (args) => {
      const step = "cancelled" in args && args.cancelled !== 0 ? `${name} cancelled` : name;
      this.calls++;
      this.heard.push({ step, procedure: procedure.name, args: Object.fromEntries(Object.entries(args)) });
      const other = (await this.#others.get(step)?.()) as Answer<Ret> | undefined;
      return other ?? usual;
    });
  }
}

/** No answer to any of the procedures. */
export const nonsense = new RawReply(new Uint8Array([0xff, 0xff, 0xff, 0xff]));

/** What a step was given by way of parameters: each name's last value. */
export function values(params: unknown): Record<string, remote.TypedParam["value"]["value"]> {
  const list = params as readonly remote.TypedParam[];
  return Object.fromEntries(list.map(({ field, value }) => [field, value.value]));
}
