import type { DomainChannelFlags, DomainConsoleFlags } from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { Procedure } from "../protocol/procedure.js";
import { DomainReports } from "./domain-reports.js";
import { LibvirtDuplex, LibvirtReadable } from "./node-streams.js";
import { openingBounds, Stream, type StreamUseOptions } from "./stream.js";

/** A domain's methods that open streams. */
export abstract class DomainStreams extends DomainReports {
  /**
   * Opens a console of the running domain, both to read and to write.
   *
   * Write no more than a few KiB to a guest that may not read them: see {@link Stream}.
   *
   * @param devName - The alias of a console, serial or parallel device, such as `serial0`; the first console if left out.
   * @param flags - {@link DomainConsoleFlags}: whether to throw somebody else off it.
   * @throws LibvirtError `OPERATION_FAILED`: somebody uses it already; `OPERATION_INVALID`: the domain does not run;
   *   `INTERNAL_ERROR`: there is no such device.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainOpenConsole | virDomainOpenConsole},
   * `REMOTE_PROC_DOMAIN_OPEN_CONSOLE` (201), since libvirt 0.8.6.
   */
  async openConsole(
    devName: string | null = null,
    flags: DomainConsoleFlags = 0,
    options: StreamUseOptions = {},
  ): Promise<LibvirtDuplex> {
    return this.#openDuplex(remote.domainOpenConsole, { dom: this.ref, devName, flags }, options);
  }

  /**
   * Opens the host's end of a channel of the running domain, both to read and to write.
   *
   * @param name - The channel's alias, or the name of its target; the first channel if left out.
   * @param flags - {@link DomainChannelFlags}: whether to throw somebody else off it.
   * @throws LibvirtError `OPERATION_FAILED`: somebody uses it already; `OPERATION_INVALID`: the domain does not run;
   *   `INTERNAL_ERROR`: there is no such channel.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainOpenChannel | virDomainOpenChannel},
   * `REMOTE_PROC_DOMAIN_OPEN_CHANNEL` (296), since libvirt 1.0.2.
   */
  async openChannel(
    name: string | null = null,
    flags: DomainChannelFlags = 0,
    options: StreamUseOptions = {},
  ): Promise<LibvirtDuplex> {
    return this.#openDuplex(remote.domainOpenChannel, { dom: this.ref, name, flags }, options);
  }

  /**
   * Takes a picture of what a screen of the running domain shows.
   *
   * @param screen - The screen's number, from 0.
   * @returns the picture's bytes; `mime` says of what kind they are, such as `image/x-portable-pixmap`.
   * @throws LibvirtError `OPERATION_INVALID`: the domain does not run; `INVALID_ARG`: there is no such screen.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainScreenshot | virDomainScreenshot},
   * `REMOTE_PROC_DOMAIN_SCREENSHOT` (211), since libvirt 0.9.2.
   */
  async screenshot(
    screen = 0,
    flags = 0,
    options: StreamUseOptions = {},
  ): Promise<LibvirtReadable & { readonly mime: string | null }> {
    const args = { dom: this.ref, screen, flags };
    const use = { ...openingBounds(options), finishAtEnd: true };
    const { stream, result } = await this.connection.openStream(remote.domainScreenshot, args, use);
    return Object.assign(new LibvirtReadable(new Stream(stream, options)), { mime: result.mime });
  }

  async #openDuplex<Args extends { readonly flags: number }>(
    procedure: Procedure<Args, unknown>,
    args: Args,
    options: StreamUseOptions,
  ): Promise<LibvirtDuplex> {
    const { stream } = await this.connection.openStream(procedure, args, openingBounds(options));
    return new LibvirtDuplex(new Stream(stream, options));
  }
}
