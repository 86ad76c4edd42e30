import type {
  DomainCreateFlags,
  DomainDestroyFlagsValues,
  DomainSaveRestoreFlags,
} from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { CallOptions } from "../rpc/deadline.js";
import { DomainReports } from "./domain-reports.js";

/** The ID of a domain that does not run. */
const noId = -1;

/** A domain: a virtual machine or container. */
export class Domain extends DomainReports {
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
   * `REMOTE_PROC_DOMAIN_CREATE` (9), since libvirt 0.0.3.
   */
  async create(options?: CallOptions): Promise<void> {
    await this.call(remote.domainCreate, { dom: this.ref }, options);
    // The reply does not tell the new ID.
    const { dom } = await this.call(remote.domainLookupByUuid, { uuid: this.ref.uuid }, options);
    this.replaceRef(dom);
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

  protected override identity(): Record<string, unknown> {
    return { ...super.identity(), id: this.id };
  }

  #stopped(): void {
    this.replaceRef({ ...this.ref, id: noId });
  }
}
