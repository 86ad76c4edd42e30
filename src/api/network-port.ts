import { formatUuid } from "../uuid.js";
import { NetworkPortMethods } from "./generated/network-port.js";
import { Network } from "./network.js";

/** A port of a virtual network, to which one interface is plugged. */
export class NetworkPort extends NetworkPortMethods {
  /** The UUID's text. */
  get uuid(): string {
    return formatUuid(this.ref.uuid);
  }

  /** The network that the port belongs to. */
  get network(): Network {
    return new Network(this.connection, this.ref.net);
  }

  /**
   * Gives the network that the port belongs to.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-network.html#virNetworkPortGetNetwork |
   * virNetworkPortGetNetwork}, since libvirt 5.5.0.
   */
  getNetwork(): Network {
    return this.network;
  }

  /**
   * Gives the UUID's 16 bytes; a copy, which is the caller's.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-network.html#virNetworkPortGetUUID | virNetworkPortGetUUID},
   * since libvirt 5.5.0.
   */
  getUUID(): Uint8Array {
    return this.ref.uuid.slice();
  }

  /**
   * Gives the port's UUID as text.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-network.html#virNetworkPortGetUUIDString |
   * virNetworkPortGetUUIDString}, since libvirt 5.5.0.
   */
  getUUIDString(): string {
    return this.uuid;
  }

  protected override identity(): Record<string, unknown> {
    return { uuid: this.uuid, network: this.ref.net.name };
  }

  protected override identityKey(): string {
    return this.uuid;
  }
}
