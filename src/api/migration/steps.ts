import { ProtocolError } from "../../errors.js";
import {
  MIGRATE_PARAM_DEST_NAME,
  MIGRATE_PARAM_DEST_XML,
  MIGRATE_PARAM_URI,
} from "../../generated/constants.js";
import * as remote from "../../protocol/generated/remote.js";
import type { Connection } from "../connection.js";
import type { Domain } from "../domain.js";
import { bandwidthParameter, textParameter, withText } from "./request.js";

/** What a step has to tell the next one, which is the other daemon's: nothing for us to read. */
interface Cookie {
  readonly cookieOut: Uint8Array;
}

/**
 * The calls that a migration between two connections consists of, in their order: the source's and the destination's
 * take turns.
 */
export interface MigrationSteps {
  /** Begins the job at the source, which describes the domain for the destination. */
  begin(flags: number): Promise<Cookie & { readonly xml: string }>;
  /** Has the destination wait for the guest. */
  prepare(cookieIn: Uint8Array, xml: string, flags: number): Promise<Cookie>;
  /** Has the source send the guest, which is paused there once this is done. */
  perform(cookieIn: Uint8Array, flags: number): Promise<Cookie>;
  /** Has the destination run the guest or, if cancelled, give it up. */
  finish(
    cookieIn: Uint8Array,
    flags: number,
    cancelled: boolean,
  ): Promise<Cookie & { readonly dom: remote.NonnullDomain }>;
  /** Has the source give the guest up or, if cancelled, run it on. */
  confirm(cookieIn: Uint8Array, flags: number, cancelled: boolean): Promise<void>;
}

/** Version 3 of the protocol with parameters, which libvirt has had since 1.1.0. */
export class ParameterSteps implements MigrationSteps {
  readonly #source: Domain;
  readonly #destination: Connection;
  /** The caller's and, beside them, what the steps bring to light. */
  #params: readonly remote.TypedParam[];

  constructor(source: Domain, destination: Connection, params: readonly remote.TypedParam[]) {
    this.#source = source;
    this.#destination = destination;
    this.#params = params;
  }

  begin(flags: number) {
    const args = { dom: this.#source.ref, params: this.#params, flags };
    return this.#source.connection.call(remote.domainMigrateBegin3Params, args);
  }

  async prepare(cookieIn: Uint8Array, xml: string, flags: number) {
    this.#params = withText(this.#params, MIGRATE_PARAM_DEST_XML, xml);
    const args = { params: this.#params, cookieIn, flags };
    const { cookieOut, uriOut } = await this.#destination.call(remote.domainMigratePrepare3Params, args);
    const uri = uriOut ?? textParameter(this.#params, MIGRATE_PARAM_URI) ?? noUri();
    this.#params = withText(this.#params, MIGRATE_PARAM_URI, uri);
    return { cookieOut };
  }

  perform(cookieIn: Uint8Array, flags: number) {
    const args = { dom: this.#source.ref, dconnuri: null, params: this.#params, cookieIn, flags };
    return this.#source.connection.call(remote.domainMigratePerform3Params, args);
  }

  finish(cookieIn: Uint8Array, flags: number, cancelled: boolean) {
    const name = textParameter(this.#params, MIGRATE_PARAM_DEST_NAME) ?? this.#source.name;
    this.#params = withText(this.#params, MIGRATE_PARAM_DEST_NAME, name);
    const args = { params: this.#params, cookieIn, flags, cancelled: Number(cancelled) };
    return this.#destination.call(remote.domainMigrateFinish3Params, args);
  }

  confirm(cookieIn: Uint8Array, flags: number, cancelled: boolean) {
    const { ref: dom, connection } = this.#source;
    const args = { dom, params: this.#params, cookieIn, flags, cancelled: Number(cancelled) };
    return connection.call(remote.domainMigrateConfirm3Params, args);
  }
}

/** Version 3 of the protocol as it was at first, in libvirt 0.9.2. It knows no parameters but those with arguments. */
export class ArgumentSteps implements MigrationSteps {
  readonly #source: Domain;
  readonly #destination: Connection;
  readonly #dname: string | null;
  readonly #dxml: string | null;
  readonly #bandwidth: bigint;
  #uri: string | null;

  constructor(source: Domain, destination: Connection, params: readonly remote.TypedParam[]) {
    this.#source = source;
    this.#destination = destination;
    this.#dname = textParameter(params, MIGRATE_PARAM_DEST_NAME);
    this.#dxml = textParameter(params, MIGRATE_PARAM_DEST_XML);
    this.#bandwidth = bandwidthParameter(params);
    this.#uri = textParameter(params, MIGRATE_PARAM_URI);
  }

  begin(flags: number) {
    const args = { dom: this.#source.ref, xmlin: this.#dxml, ...this.#common(flags) };
    return this.#source.connection.call(remote.domainMigrateBegin3, args);
  }

  async prepare(cookieIn: Uint8Array, domXml: string, flags: number) {
    const args = { cookieIn, uriIn: this.#uri, domXml, ...this.#common(flags) };
    const { cookieOut, uriOut } = await this.#destination.call(remote.domainMigratePrepare3, args);
    this.#uri = uriOut ?? this.#uri ?? noUri();
    return { cookieOut };
  }

  perform(cookieIn: Uint8Array, flags: number) {
    const { ref: dom, connection } = this.#source;
    const args = { dom, xmlin: null, cookieIn, dconnuri: null, uri: this.#uri, ...this.#common(flags) };
    return connection.call(remote.domainMigratePerform3, args);
  }

  finish(cookieIn: Uint8Array, flags: number, cancelled: boolean) {
    const dname = this.#dname ?? this.#source.name;
    const place = { dname, dconnuri: null, uri: this.#uri };
    const args = { ...place, cookieIn, flags: BigInt(flags), cancelled: Number(cancelled) };
    return this.#destination.call(remote.domainMigrateFinish3, args);
  }

  confirm(cookieIn: Uint8Array, flags: number, cancelled: boolean) {
    const { ref: dom, connection } = this.#source;
    const args = { dom, cookieIn, flags: BigInt(flags), cancelled: Number(cancelled) };
    return connection.call(remote.domainMigrateConfirm3, args);
  }

  #common(flags: number) {
    return { flags: BigInt(flags), dname: this.#dname, resource: this.#bandwidth };
  }
}

function noUri(): never {
  throw new ProtocolError("the destination does not say under what address it waits for the domain");
}
