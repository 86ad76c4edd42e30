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
  async getDHCPLeases(
    mac: string | null = null,
    flags = 0,
    options?: CallOptions,
  ): Promise<readonly (NetworkDHCPLease & JsonFriendly)[]> {
    const args = { net: this.ref, mac, needResults: 1, flags };
    const { leases } = await this.call(remote.networkGetDhcpLeases, args, options);
    return leases.map((lease) => withJson(lease));
  }

  async update(
    command: NetworkUpdateCommand,
    section: NetworkUpdateSection,
    parentIndex: number,
    xml: string,
    flags: NetworkUpdateFlags = 0,
    options?: CallOptions,
  ): Promise<void> {
    // Daemons before 7.2 have the two the wrong way round.
    const { supported } = await this.call(
      remote.connectSupportsFeature,
      { feature: DriverFeature.NETWORK_UPDATE_HAS_CORRECT_ORDER },
      options,
    );
    const order = supported === 0 ? { command: section, section: command } : { command, section };
    await this.call(remote.networkUpdate, { net: this.ref, ...order, parentIndex, xml, flags }, options);
  }
}
