import type {
  NetworkUpdateCommand,
  NetworkUpdateFlags,
  NetworkUpdateSection,
} from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { CallOptions } from "../rpc/deadline.js";
import { DriverFeature } from "../rpc/feature.js";
import { NetworkMethods } from "./generated/network.js";
import { type JsonFriendly, withJson } from "./json.js";

/** An address that a network's DHCP server has given out. C's `virNetworkDHCPLease`. */
export interface NetworkDHCPLease {
  /** The network's interface on the host, such as `virbr0`. */
  readonly iface: string;
  /** When it ends, in seconds since 1970. */
  readonly expirytime: bigint;
  readonly type: number;
  readonly mac: string | null;
  readonly iaid: string | null;
  readonly ipaddr: string;
  /** The length of the network's prefix, in bits. */
  readonly prefix: number;
  readonly hostname: string | null;
  readonly clientid: string | null;
}

/** A virtual network. */
export class Network extends NetworkMethods {
  /**
   * Lists which addresses the network's DHCP server has leased, and to whom.
   *
   * @param mac - The MAC address, as text, of the one interface whose leases are wanted; `null` for all.
   * @returns One object for each lease in force: `iface`, the host's bridge; `expirytime` in seconds since
   * 1970, 0n if it does not end; `type`, one of `IPAddrType`; `mac`, `ipaddr` and its `prefix`; `hostname`,
   * `iaid` and `clientid` (for IPv6 the DUID), each `null` if unknown. Empty if libvirt runs no DHCP for the
   * network.
   * @throws LibvirtError `NO_NETWORK`: There is no such network.
   * @throws LibvirtError `INVALID_MAC`: The text is no MAC address.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-network.html#virNetworkGetDHCPLeases |
   * virNetworkGetDHCPLeases}, `REMOTE_PROC_NETWORK_GET_DHCP_LEASES` (341), since libvirt 1.2.6.
   */
  async getDHCPLeases(
    mac: string | null = null,
    flags = 0,
    options?: CallOptions,
  ): Promise<readonly (NetworkDHCPLease & JsonFriendly)[]> {
    const args = { net: this.ref, mac, needResults: 1, flags };
    const { leases } = await this.call(remote.networkGetDhcpLeases, args, options);
    return leases.map((lease) => withJson(lease));
  }

  /**
   * Changes one element of the network, such as a DHCP host, without defining all of it anew.
   *
   * @param command - What to do, one of `NetworkUpdateCommand`.
   * @param section - The kind of element to do it to, one of `NetworkUpdateSection`.
   * @param parentIndex - Which parent element, counted from 0, where there are several; -1 lets libvirt find
   * it.
   * @param xml - The element, such as `host`, with as much of it as tells it from its like.
   * @param flags - {@link NetworkUpdateFlags}.
   * @throws LibvirtError `OPERATION_INVALID`: What is to be added exists, what is to be changed or removed
   * does not, or the network is not in the state that the flags ask for.
   * @throws LibvirtError `OPERATION_UNSUPPORTED`: That kind of element cannot be changed so.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-network.html#virNetworkUpdate | virNetworkUpdate},
   * `REMOTE_PROC_NETWORK_UPDATE` (291), since libvirt 0.10.2.
   */
  async update(
    command: NetworkUpdateCommand,
    section: NetworkUpdateSection,
    parentIndex: number,
    xml: string,
    flags: NetworkUpdateFlags = 0,
    options?: CallOptions,
  ): Promise<void> {
    await this.asOne(remote.networkUpdate, options, async (within) => {
      // Daemons before 7.2 have the two the wrong way round.
      const feature = DriverFeature.NETWORK_UPDATE_HAS_CORRECT_ORDER;
      const { supported } = await this.call(remote.connectSupportsFeature, { feature }, within);
      const order = supported === 0 ? { command: section, section: command } : { command, section };
      await this.call(remote.networkUpdate, { net: this.ref, ...order, parentIndex, xml, flags }, within);
    });
  }
}
