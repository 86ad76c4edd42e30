import type { Socket } from "node:net";
import { ProtocolError, UnsupportedError } from "../errors.js";
import type {
  DomainCreateFlags,
  DomainFDAssociateFlags,
  DomainOpenGraphicsFlags,
  DomainQemuMonitorCommandFlags,
} from "../generated/constants.js";
import * as qemu from "../protocol/generated/qemu.js";
import * as remote from "../protocol/generated/remote.js";
import type { CallOptions } from "../rpc/deadline.js";
import { DomainStreams } from "./domain-streams.js";

/** What a QEMU monitor command comes to. */
export interface QemuMonitorReply {
  readonly result: string;
  /** The sockets and pipes that came with it. */
  readonly files: readonly Socket[];
}

/** A domain's methods that pass file descriptors. */
export abstract class DomainDescriptors extends DomainStreams {
  /**
   * Starts a defined container and hands open files to its first process.
   *
   * @param files - File descriptors; in the container they are numbered from 3. Taken over and closed here; unix sockets only.
   * @param flags - {@link DomainCreateFlags}.
   * @throws LibvirtError `OPERATION_INVALID`: the domain is running.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainCreateWithFiles |
   * virDomainCreateWithFiles}, `REMOTE_PROC_DOMAIN_CREATE_WITH_FILES` (310), since libvirt 1.1.1.
   */
  async createWithFiles(
    files: readonly number[],
    flags: DomainCreateFlags = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, flags };
    const { result } = await this.connection.callWithFiles(
      remote.domainCreateWithFiles,
      args,
      files,
      options,
    );
    this.replaceRef(result.dom);
  }

  /**
   * Lends open files to the domain, for use as disk images, while this connection lasts.
   *
   * @param name - Name by which domain XML refers to them (`fdgroup`).
   * @param fds - File descriptors. Taken over and closed here; unix sockets only.
   * @param flags - {@link DomainFDAssociateFlags}.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainFDAssociate |
   * virDomainFDAssociate}, `REMOTE_PROC_DOMAIN_FD_ASSOCIATE` (443), since libvirt 9.0.0.
   */
  async fdAssociate(
    name: string,
    fds: readonly number[],
    flags: DomainFDAssociateFlags = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, name, flags };
    await this.connection.callWithFiles(remote.domainFdAssociate, args, fds, options);
  }

  /**
   * Connects a socket of the caller's to the domain's graphical display.
   *
   * @param idx - Which `<graphics>` of the domain, counted from 0.
   * @param fd - Descriptor of one end of a socket pair. Taken over and closed here; unix sockets only.
   * @param flags - {@link DomainOpenGraphicsFlags}.
   * @throws LibvirtError `CONFIG_UNSUPPORTED`: this kind of display cannot be connected to.
   * @throws LibvirtError `OPERATION_DENIED`: the connection is read-only.
   * @throws LibvirtError `OPERATION_INVALID`: the domain is not running.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainOpenGraphics |
   * virDomainOpenGraphics}, `REMOTE_PROC_DOMAIN_OPEN_GRAPHICS` (249), since libvirt 0.9.7.
   */
  async openGraphics(
    idx: number,
    fd: number,
    flags: DomainOpenGraphicsFlags = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, idx, flags };
    await this.connection.callWithFiles(remote.domainOpenGraphics, args, [fd], options);
  }

  /**
   * Opens a socket that is connected to the domain's graphical display.
   *
   * @param idx - Which `<graphics>` of the domain, counted from 0.
   * @param flags - {@link DomainOpenGraphicsFlags}.
   * @returns The socket, which the caller has to close. Unix sockets only.
   * @throws LibvirtError `CONFIG_UNSUPPORTED`: this kind of display cannot be connected to.
   * @throws LibvirtError `OPERATION_DENIED`: the connection is read-only.
   * @throws LibvirtError `OPERATION_INVALID`: the domain is not running.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainOpenGraphicsFD |
   * virDomainOpenGraphicsFD}, `REMOTE_PROC_DOMAIN_OPEN_GRAPHICS_FD` (343), since libvirt 1.2.8.
   */
  async openGraphicsFD(
    idx: number,
    flags: DomainOpenGraphicsFlags = 0,
    options?: CallOptions,
  ): Promise<Socket> {
    const args = { dom: this.ref, idx, flags };
    const { descriptors } = await this.connection.callWithFiles(
      remote.domainOpenGraphicsFd,
      args,
      [],
      options,
    );
    const [socket, ...surplus] = descriptors;
    for (const other of surplus) other.destroy();
    if (!socket) throw new ProtocolError("the daemon sent no descriptor");
    return socket;
  }

  /**
   * Sends any command to QEMU's monitor together with an open file.
   *
   * @param cmd - JSON text such as `{"execute":"add-fd"}`, or with `DomainQemuMonitorCommandFlags.HMP` a
   * line as people type it.
   * @param flags - {@link DomainQemuMonitorCommandFlags}.
   * @returns The monitor's answer, and the descriptors that came with it.
   * @throws LibvirtError `INVALID_ARG`: more than one descriptor was given.
   * @throws LibvirtError `OPERATION_INVALID`: the domain is not running.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-qemu.html#virDomainQemuMonitorCommandWithFiles |
   * virDomainQemuMonitorCommandWithFiles}, `QEMU_PROC_DOMAIN_MONITOR_COMMAND_WITH_FILES` (7), since libvirt
   * 8.2.0.
   */
  async qemuMonitorCommandWithFiles(
    cmd: string,
    files: readonly number[] = [],
    flags: DomainQemuMonitorCommandFlags = 0,
    options?: CallOptions,
  ): Promise<QemuMonitorReply> {
    const args = { dom: this.ref, cmd, flags };
    const { result, descriptors } = await this.connection.callWithFiles(
      qemu.domainMonitorCommandWithFiles,
      args,
      files,
      options,
    );
    return { result: result.result, files: descriptors };
  }

  /**
   * Always rejects with an UnsupportedError: namespaces are files, and Node cannot receive those.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-lxc.html#virDomainLxcOpenNamespace |
   * virDomainLxcOpenNamespace}, `LXC_PROC_DOMAIN_OPEN_NAMESPACE` (1), since libvirt 1.0.2.
   */
  lxcOpenNamespace(): Promise<never> {
    const why = "the descriptors of namespaces are files, which Node has no way to receive";
    return Promise.reject(new UnsupportedError(why));
  }
}
