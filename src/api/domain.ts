import { nameOf } from "../enums.js";
import { ConnectionError, LibvirtError } from "../errors.js";
import {
  type DomainCreateFlags,
  type DomainDestroyFlagsValues,
  type DomainMigrateFlags,
  type DomainSaveRestoreFlags,
  DomainState,
  ErrorNumber,
} from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import { type CallOptions, withDeadline } from "../rpc/deadline.js";
import type { Connection } from "./connection.js";
import { DomainDescriptors } from "./domain-descriptors.js";
import type { TypedParametersInput } from "./typed-params.js";

/** The ID of a domain that does not run. */
const noId = -1;

/** A domain: a virtual machine or container. */
export class Domain extends DomainDescriptors {
  /** The number under which it runs, as far as is known here; -1 while it does not run. */
  get id(): number {
    return this.ref.id;
  }

  /**
   * Gives the number of the running domain, as known when this object was made; -1 if it did not run.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetID | virDomainGetID}, since
   * libvirt 0.0.3.
   */
  getID(): number {
    return this.id;
  }

  /**
   * Starts a defined domain. Its `id` is up to date afterwards.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainCreate | virDomainCreate},
   * `REMOTE_PROC_DOMAIN_CREATE` (9), since libvirt 0.1.1.
   */
  async create(options?: CallOptions): Promise<void> {
    await this.asOne(remote.domainCreate, options, async (within) => {
      await this.call(remote.domainCreate, { dom: this.ref }, within);
      // The reply does not tell the new ID.
      const { dom } = await this.call(remote.domainLookupByUuid, { uuid: this.ref.uuid }, within);
      this.replaceRef(dom);
    });
  }

  /**
   * Starts a defined domain. Its `id` is up to date afterwards.
   *
   * @param flags - {@link DomainCreateFlags}.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainCreateWithFlags | virDomainCreateWithFlags},
   * `REMOTE_PROC_DOMAIN_CREATE_WITH_FLAGS` (196), since libvirt 0.8.2.
   */
  async createWithFlags(flags: DomainCreateFlags = 0, options?: CallOptions): Promise<void> {
    const { dom } = await this.call(remote.domainCreateWithFlags, { dom: this.ref, flags }, options);
    this.replaceRef(dom);
  }

  /**
   * Gives a domain that does not run another name.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainRename | virDomainRename},
   * `REMOTE_PROC_DOMAIN_RENAME` (358), since libvirt 1.2.19.
   */
  async rename(newName: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.call(remote.domainRename, { dom: this.ref, newName, flags }, options);
    this.replaceRef({ ...this.ref, name: newName });
  }

  override async destroy(options?: CallOptions): Promise<void> {
    await super.destroy(options);
    this.#stopped();
  }

  override async destroyFlags(flags: DomainDestroyFlagsValues = 0, options?: CallOptions): Promise<void> {
    await super.destroyFlags(flags, options);
    this.#stopped();
  }

  override async save(to: string, options?: CallOptions): Promise<void> {
    await super.save(to, options);
    this.#stopped();
  }

  override async saveFlags(
    to: string,
    dxml: string | null = null,
    flags: DomainSaveRestoreFlags = 0,
    options?: CallOptions,
  ): Promise<void> {
    await super.saveFlags(to, dxml, flags, options);
    this.#stopped();
  }

  override async managedSave(flags: DomainSaveRestoreFlags = 0, options?: CallOptions): Promise<void> {
    await super.managedSave(flags, options);
    this.#stopped();
  }

  /**
   * Moves the domain to another host, with this client between the two daemons or, with `PEER2PEER`, without;
   * {@link migrate3} can do more.
   *
   * An abort, or the end of `timeoutMs`, aborts the migration. The promise is settled when the domain is on one side
   * alone: rejected, and it runs on here, or resolved, where the abort came too late. This `Domain` has no `id` once
   * the other one is there.
   *
   * @param dconn - Connection to the destination.
   * @param flags - {@link DomainMigrateFlags}, OR-ed.
   * @param dname - Name that the domain shall have there; null to keep its own.
   * @param uri - Address of the destination as the source host sees it, such as `tcp://10.0.0.2`; null lets the
   * destination choose. With `PEER2PEER` it is the libvirt URI that leads from the source to the destination's
   * daemon; null for that of `dconn`.
   * @param bandwidth - Limit in MiB/s; 0n leaves the choice to the driver.
   * @returns The domain at its destination, an object of `dconn`.
   * @throws LibvirtError `MIGRATE_UNSAFE`: disks are not shared, or cached by the host; `UNSAFE` goes ahead regardless.
   * @throws LibvirtError `OPERATION_ABORTED`: the migration was cancelled by `abortJob`.
   * @throws LibvirtError `OPERATION_FAILED`: it failed at the source; the `cause`, if any, is what the destination said.
   * @throws UnsupportedError where one of the two hypervisors cannot migrate, or not so.
   * @throws TypeError or RangeError for flags that exclude each other, and arguments that cannot be.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainMigrate | virDomainMigrate}, since
   * libvirt 0.3.2: `REMOTE_PROC_DOMAIN_MIGRATE_BEGIN3` (213), `…_PREPARE3` (214), `…_PERFORM3` (216), `…_FINISH3`
   * (217) and `…_CONFIRM3` (218).
   */
  async migrate(
    dconn: Connection,
    flags: DomainMigrateFlags = 0,
    dname: string | null = null,
    uri: string | null = null,
    bandwidth = 0n,
    options?: CallOptions,
  ): Promise<Domain> {
    const { migrate } = await import("./migration/migrate.js");
    return this.#moved(dconn, await migrate(this, dconn, flags, { dname, uri, bandwidth }, options));
  }

  /**
   * Moves the domain to another host as {@link migrate} does, with altered XML if wanted; {@link migrate3} can do more.
   *
   * @param dconn - Connection to the destination.
   * @param dxml - Domain XML for the destination; only what the guest cannot see may differ. Null for no change.
   * @param flags - {@link DomainMigrateFlags}, OR-ed.
   * @param dname - Name that the domain shall have there; null to keep its own.
   * @param uri - Address of the destination as the source host sees it, such as `tcp://10.0.0.2`; null lets the
   * destination choose.
   * @param bandwidth - Limit in MiB/s; 0n leaves the choice to the driver.
   * @returns The domain at its destination, an object of `dconn`.
   * @throws As {@link migrate}.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainMigrate2 | virDomainMigrate2}, since
   * libvirt 0.9.2; the procedures are those of {@link migrate}.
   */
  async migrate2(
    dconn: Connection,
    dxml: string | null = null,
    flags: DomainMigrateFlags = 0,
    dname: string | null = null,
    uri: string | null = null,
    bandwidth = 0n,
    options?: CallOptions,
  ): Promise<Domain> {
    const { migrate2 } = await import("./migration/migrate.js");
    return this.#moved(dconn, await migrate2(this, dconn, flags, { dxml, dname, uri, bandwidth }, options));
  }

  /**
   * Moves the domain to another host, with this client between the two daemons: neither has to reach the other, only
   * the source's hypervisor the destination's. Aborts are as {@link migrate} says.
   *
   * @param dconn - Connection to the destination.
   * @param params - By names such as `MIGRATE_PARAM_URI`, `MIGRATE_PARAM_DEST_NAME`, `MIGRATE_PARAM_DEST_XML` and
   * `MIGRATE_PARAM_BANDWIDTH` (MiB/s).
   * @param flags - {@link DomainMigrateFlags}, OR-ed. `PEER2PEER` and `TUNNELLED` are for {@link migrateToURI3}.
   * @returns The domain at its destination, an object of `dconn`.
   * @throws As {@link migrate}.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainMigrate3 | virDomainMigrate3}, since
   * libvirt 1.1.0: `REMOTE_PROC_DOMAIN_MIGRATE_BEGIN3_PARAMS` (302), `…_PREPARE3_PARAMS` (303), `…_PERFORM3_PARAMS`
   * (305), `…_FINISH3_PARAMS` (306) and `…_CONFIRM3_PARAMS` (307).
   */
  async migrate3(
    dconn: Connection,
    params: TypedParametersInput = {},
    flags: DomainMigrateFlags = 0,
    options?: CallOptions,
  ): Promise<Domain> {
    const { migrate3 } = await import("./migration/migrate.js");
    return this.#moved(dconn, await migrate3(this, dconn, params, flags, options));
  }

  /**
   * Moves the domain to another host, by its own daemon; {@link migrateToURI3} can do more. Aborts are as
   * {@link migrate} says.
   *
   * @param duri - Libvirt URI that leads from the source to the destination's daemon with `PEER2PEER`, else the
   * hypervisor's address of the destination.
   * @param flags - {@link DomainMigrateFlags}, OR-ed.
   * @param dname - Name that the domain shall have there; null to keep its own.
   * @param bandwidth - Limit in MiB/s; 0n leaves the choice to the driver.
   * @throws As {@link migrate}; UnsupportedError without `PEER2PEER`, unless the hypervisor can do without a daemon at
   * the destination, as QEMU cannot.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainMigrateToURI | virDomainMigrateToURI},
   * since libvirt 0.7.2: `REMOTE_PROC_DOMAIN_MIGRATE_PERFORM3_PARAMS` (305) or `REMOTE_PROC_DOMAIN_MIGRATE_PERFORM3`
   * (216).
   */
  async migrateToURI(
    duri: string,
    flags: DomainMigrateFlags = 0,
    dname: string | null = null,
    bandwidth = 0n,
    options?: CallOptions,
  ): Promise<void> {
    const { migrateToURI } = await import("./migration/migrate.js");
    await migrateToURI(this, duri, flags, { dname, bandwidth }, options);
    this.#stopped();
  }

  /**
   * Moves the domain to another host, by its own daemon, with altered XML if wanted. Aborts are as {@link migrate}
   * says.
   *
   * @param dconnuri - Libvirt URI that leads from the source to the destination's daemon, with `PEER2PEER`; without it
   * counts for nothing.
   * @param miguri - The hypervisor's address of the destination; null lets the destination choose.
   * @param dxml - Domain XML for the destination; only what the guest cannot see may differ. Null for no change.
   * @param flags - {@link DomainMigrateFlags}, OR-ed.
   * @param dname - Name that the domain shall have there; null to keep its own.
   * @param bandwidth - Limit in MiB/s; 0n leaves the choice to the driver.
   * @throws As {@link migrateToURI}.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainMigrateToURI2 | virDomainMigrateToURI2},
   * since libvirt 0.9.2; the procedures are those of {@link migrateToURI}.
   */
  async migrateToURI2(
    dconnuri: string | null = null,
    miguri: string | null = null,
    dxml: string | null = null,
    flags: DomainMigrateFlags = 0,
    dname: string | null = null,
    bandwidth = 0n,
    options?: CallOptions,
  ): Promise<void> {
    const { migrateToURI2 } = await import("./migration/migrate.js");
    await migrateToURI2(this, dconnuri, flags, { uri: miguri, dxml, dname, bandwidth }, options);
    this.#stopped();
  }

  /**
   * Moves the domain to another host, by its own daemon: this client need not reach the other one. Aborts are as
   * {@link migrate} says.
   *
   * @param dconnuri - Libvirt URI that leads from the source to the destination's daemon, with `PEER2PEER`; without it
   * counts for nothing.
   * @param params - By names such as `MIGRATE_PARAM_URI` (needed without `PEER2PEER`), `MIGRATE_PARAM_DEST_NAME` and
   * `MIGRATE_PARAM_BANDWIDTH` (MiB/s).
   * @param flags - {@link DomainMigrateFlags}, OR-ed.
   * @throws As {@link migrateToURI}.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainMigrateToURI3 | virDomainMigrateToURI3},
   * since libvirt 1.1.0; the procedures are those of {@link migrateToURI}.
   */
  async migrateToURI3(
    dconnuri: string | null = null,
    params: TypedParametersInput = {},
    flags: DomainMigrateFlags = 0,
    options?: CallOptions,
  ): Promise<void> {
    const { migrateToURI3 } = await import("./migration/migrate.js");
    await migrateToURI3(this, dconnuri, params, flags, options);
    this.#stopped();
  }

  /**
   * Waits until the domain is in a state, as the daemon sees it: without polling, by its life-cycle events. A transient
   * domain that is gone counts as shut off.
   *
   * @param state - {@link DomainState}.
   * @throws LibvirtError `NO_DOMAIN`: there is no such domain any more, and it is another state that was waited for.
   */
  async waitForState(state: DomainState, options: CallOptions = {}): Promise<void> {
    if (!Number.isInteger(state)) {
      throw new TypeError("state: one of DomainState is wanted, such as DomainState.RUNNING");
    }
    await withDeadline(
      options,
      `waiting for ${this.name} to be ${nameOf(DomainState, state)}`,
      async (signal) => {
        while (!(await this.#comesTo(state, signal)));
      },
    );
  }

  /** Waits for a state; false when the connection has been made again, and what has happened meanwhile is not known. */
  async #comesTo(state: DomainState, signal: AbortSignal | undefined): Promise<boolean> {
    // One event that waits says as much as many: something has happened since the last look.
    const queue = { limit: 1, overflow: "dropNewest" } as const;
    const changes = this.connection.events("domain.lifecycle", { domain: this, signal, ...queue });
    const restart = () => void changes.return();
    try {
      await this.connection.on("connection.reconnected", restart, { signal });
      await changes.ready;
      while (!(await this.#isIn(state, { signal }))) {
        if ((await changes.next()).done) return false;
      }
      return true;
    } finally {
      this.connection.off("connection.reconnected", restart);
      // Not awaited: the daemon that has to be told of it may not answer, and be the reason for the end.
      void changes.return();
    }
  }

  async #isIn(wanted: DomainState, options: CallOptions): Promise<boolean> {
    try {
      return (await this.getState(0, options)).state === wanted;
    } catch (error) {
      const isGone = error instanceof LibvirtError && error.code === ErrorNumber.NO_DOMAIN;
      if (isGone && wanted === DomainState.SHUTOFF) return true;
      // The connection is being made again, and then there is another look.
      if (error instanceof ConnectionError && error.sent) return false;
      throw error;
    }
  }

  protected override identity(): Record<string, unknown> {
    return { ...super.identity(), id: this.id };
  }

  #moved(dconn: Connection, ref: remote.NonnullDomain): Domain {
    this.#stopped();
    return new Domain(dconn, ref);
  }

  #stopped(): void {
    this.replaceRef({ ...this.ref, id: noId });
  }
}
