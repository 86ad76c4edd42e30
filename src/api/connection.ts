import type { DomainCreateFlags } from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { Procedure } from "../protocol/procedure.js";
import { type CallOptions, withDeadline } from "../rpc/deadline.js";
import type { DescriptorReply } from "../rpc/descriptor-channel.js";
import { unknownProcedure } from "../rpc/failures.js";
import { DriverFeature, supportsFeature } from "../rpc/feature.js";
import { checkKeepAlive } from "../rpc/keepalive.js";
import type { Link } from "../rpc/link.js";
import type { RpcStream, StreamOptions } from "../rpc/stream.js";
import { checkDescriptors } from "./arguments.js";
import { ConnectionEvents } from "./connection-events.js";
import type { DescriptorChannels } from "./descriptors.js";
import { Domain } from "./domain.js";
import type { Call } from "./older-daemons.js";

/**
 * An open connection to a hypervisor, made by {@link connect}.
 *
 * An idle connection does not keep the process running; calls in flight and subscriptions to events do. `await using`
 * closes it at the end of the block.
 */
export class Connection extends ConnectionEvents {
  readonly #uri: string;
  readonly #channels: DescriptorChannels;

  /** @internal Use {@link connect}. */
  constructor(link: Link, uri: string, channels: DescriptorChannels) {
    super(link, remote.connectClose);
    this.#uri = uri;
    this.#channels = channels;
  }

  override get connection(): this {
    return this;
  }

  protected override async detour<Args, Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options: CallOptions | undefined,
  ): Promise<{ readonly result: Ret } | undefined> {
    const { byOlderProcedures } = await import("./older-daemons.js");
    return this.asOne(procedure, options, async (within) => {
      const call: Call = (older, olderArgs) => this.link.call(older, olderArgs, within);
      const way = byOlderProcedures(call, procedure, args);
      return way && { result: await way };
    });
  }

  /**
   * Gives the URI that leads to this hypervisor: the one connected to, or what the daemon chose where none was given.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virConnectGetURI | virConnectGetURI},
   * `REMOTE_PROC_CONNECT_GET_URI` (110), since libvirt 0.3.0.
   */
  async getURI(options?: CallOptions): Promise<string> {
    if (this.#uri !== "") return this.#uri;
    const { uri } = await this.call(remote.connectGetUri, undefined, options);
    return uri;
  }

  /**
   * Tells whether what travels between here and the hypervisor is safe from listeners.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virConnectIsSecure | virConnectIsSecure},
   * `REMOTE_PROC_CONNECT_IS_SECURE` (149), since libvirt 0.7.3.
   */
  async isSecure(options?: CallOptions): Promise<boolean> {
    const { secure } = await this.call(remote.connectIsSecure, undefined, options);
    return this.link.secure && secure !== 0;
  }

  /**
   * Tells whether the way to the daemon is encrypted, and what lies behind is secure.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virConnectIsEncrypted | virConnectIsEncrypted},
   * `REMOTE_PROC_CONNECT_IS_SECURE` (149), since libvirt 0.7.3.
   */
  async isEncrypted(options?: CallOptions): Promise<boolean> {
    const { secure } = await this.call(remote.connectIsSecure, undefined, options);
    return this.link.encrypted && secure !== 0;
  }

  /**
   * Watches from now on whether the daemon is there, or watches in another way: see `keepAlive` in
   * {@link ConnectOptions}.
   *
   * @param interval - In seconds; 0 or less ends it.
   * @param count - How many questions may stay unanswered.
   * @returns false where the daemon is too old to answer.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virConnectSetKeepAlive | virConnectSetKeepAlive},
   * since libvirt 0.9.8.
   */
  async setKeepAlive(interval: number, count: number, options?: CallOptions): Promise<boolean> {
    checkKeepAlive({ interval, count });
    const watched =
      interval <= 0 || (await supportsFeature(this.link, DriverFeature.PROGRAM_KEEPALIVE, options));
    if (watched) this.link.setKeepAlive({ interval, count });
    return watched;
  }

  /**
   * Calls a procedure that passes file descriptors. These are taken over, and closed in any case, unless they are
   * refused as none or as too many: then all of them stay the caller's.
   *
   * @internal
   */
  async callWithFiles<Args, Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    files: readonly number[],
    options: CallOptions = {},
  ): Promise<DescriptorReply<Ret>> {
    checkDescriptors(files);
    let taken = false;
    try {
      return await withDeadline(options, procedure.name, async (signal) => {
        const channel = await this.#channels.get({ signal });
        if (!channel.knows(procedure)) throw unknownProcedure(procedure);
        taken = true;
        return channel.callWith(procedure, args, files, { signal });
      });
    } catch (error) {
      const { close } = process.getBuiltinModule("node:fs");
      if (!taken) for (const file of files) close(file, () => {});
      throw error;
    }
  }

  /**
   * Starts a transient container and hands open files to its first process.
   *
   * @param xmlDesc - XML with root `<domain>`.
   * @param files - File descriptors; in the container they are numbered from 3. Taken over and closed here; unix sockets only.
   * @param flags - {@link DomainCreateFlags}.
   * @throws LibvirtError `OPERATION_FAILED`: the name or the UUID belongs to another domain.
   * @throws LibvirtError `OPERATION_INVALID`: a domain of this name and UUID is running.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainCreateXMLWithFiles |
   * virDomainCreateXMLWithFiles}, `REMOTE_PROC_DOMAIN_CREATE_XML_WITH_FILES` (309), since libvirt 1.1.1.
   */
  async domainCreateXMLWithFiles(
    xmlDesc: string,
    files: readonly number[],
    flags: DomainCreateFlags = 0,
    options?: CallOptions,
  ): Promise<Domain> {
    const { result } = await this.callWithFiles(
      remote.domainCreateXmlWithFiles,
      { xmlDesc, flags },
      files,
      options,
    );
    return new Domain(this, result.dom);
  }

  /**
   * Calls a procedure that opens a stream, which is the caller's to finish or abort.
   *
   * @internal
   */
  openStream<Args extends { readonly flags: number }, Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options: CallOptions & StreamOptions,
  ): Promise<{ readonly stream: RpcStream; readonly result: Ret }> {
    return this.link.openStream(procedure, args, options);
  }
}
